import type { TokenId } from './ids.ts';
import type { IssueHistory, Pseudonyms } from './ports.ts';
import { countedForm } from './quota-rules.ts';
import type { BounceKind } from './records.ts';
import { type RevokeDependencies, revokeToken } from './revoke-token.ts';

export interface HandleBounceDependencies extends RevokeDependencies {
  readonly history: IssueHistory;
  readonly pseudonyms: Pseudonyms;
}

/**
 * Bounce or complaint that SES reports, with the time and the ID of the token in the e-mail, but nothing about the
 * recipient.
 */
export type MailOutcome = { readonly tokenId: TokenId; readonly at: Date } & (
  | { readonly kind: 'bounced'; readonly bounce: BounceKind }
  | { readonly kind: 'complained' }
);

/**
 * Records a bounce or complaint in the ledger. Revokes the token if the bounce is permanent: nobody has received the
 * token, and a later owner of the address must not get it. A repeated message changes nothing.
 *
 * @returns `unknown` if the ledger has no address for the token, for example because the history has been removed
 * @throws Unavailable if a service is down; the message then goes back to the queue
 */
export async function handleBounce(
  deps: HandleBounceDependencies,
  outcome: MailOutcome,
): Promise<'bounced' | 'complained' | 'unknown'> {
  const { tokenId, at, kind } = outcome;
  const issued = await deps.history.recipientOf(tokenId);
  if (issued === undefined) return 'unknown';
  const pseudonym = await deps.pseudonyms.of('address', countedForm(issued.address));
  const line = { tokenId, at, asset: issued.asset, pseudonym };

  if (kind === 'complained') {
    await deps.ledger.append({ ...line, event: 'complained' }, issued.expiresAt);
    return kind;
  }
  await deps.ledger.append({ ...line, event: 'bounced', bounce: outcome.bounce }, issued.expiresAt);
  // If the link was redeemed, revoked, or forgotten in the meantime, there is nothing to revoke.
  if (outcome.bounce === 'permanent') {
    await revokeToken(deps, tokenId, { by: 'hard-bounce', reach: { kind: 'all' } });
  }
  return kind;
}
