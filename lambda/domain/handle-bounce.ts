import type { TokenId } from './ids.ts';
import type { IssueHistory, Pseudonyms } from './ports.ts';
import { countedForm } from './quota-rules.ts';
import type { BounceKind } from './records.ts';
import { type RevokeDependencies, revokeToken } from './revoke-token.ts';

export interface HandleBounceDependencies extends RevokeDependencies {
  readonly history: IssueHistory;
  readonly pseudonyms: Pseudonyms;
}

/** What a mail service says became of a mail: which token it carried, when that was, and nothing of the recipient. */
export type MailFeedback = { readonly tokenId: TokenId; readonly at: Date } & (
  | { readonly kind: 'bounced'; readonly bounce: BounceKind }
  | { readonly kind: 'complained' }
);

/**
 * Notes a bounce or complaint in the ledger, and revokes the token of a mail that bounced for good: nobody has it, and
 * whoever is given the address later must not. A repetition of the same feedback changes nothing.
 *
 * @returns `unknown` for a token that the ledger does not know as mailed, such as one whose history is past retention
 * @throws Unavailable when it may be tried again: the message goes back to the queue
 */
export async function handleBounce(
  deps: HandleBounceDependencies,
  feedback: MailFeedback,
): Promise<'bounced' | 'complained' | 'unknown'> {
  const { tokenId, at, kind } = feedback;
  const issued = await deps.history.recipientOf(tokenId);
  if (issued === undefined) return 'unknown';
  const pseudonym = await deps.pseudonyms.of('address', countedForm(issued.address));
  const line = { tokenId, at, asset: issued.asset, pseudonym };

  if (kind === 'complained') {
    await deps.ledger.append({ ...line, event: 'complained' });
    return kind;
  }
  await deps.ledger.append({ ...line, event: 'bounced', bounce: feedback.bounce });
  // What was redeemed, revoked or forgotten meanwhile stays as it is.
  if (feedback.bounce === 'permanent') {
    await revokeToken(deps, tokenId, { by: 'hard-bounce', reach: { kind: 'all' } });
  }
  return kind;
}
