import { appendOrReport } from './append-or-report.ts';
import { epochSeconds, type Token, type TokenId } from './ids.ts';
import type { Clock, Ledger, Mail, Mailer, Report, SigningKeys, TokenStore } from './ports.ts';
import type { TokenRecord } from './records.ts';
import { signToken } from './token.ts';
import { tokenState } from './token-state.ts';

/** A record that names someone to mail to. */
export type MailableRecord = TokenRecord & Required<Pick<TokenRecord, 'recipient'>>;

export interface DeliverMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find' | 'markMailed'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Writes the mail that carries the token; the only place besides the mailer that ever holds it. */
  readonly compose: (record: MailableRecord, token: Token) => Mail;
}

/**
 * Mails the link of a record: once, as far as a queue that delivers at least once allows. Does nothing for a
 * record that is mailed, ended, expired or gone. The token is computed from the record, so even a second mail
 * carries the same one, and this never puts a record.
 *
 * @throws Unavailable when the mail may be tried again: the message goes back to the queue
 */
export async function deliverMail(
  deps: DeliverMailDependencies,
  tokenId: TokenId,
): Promise<'mailed' | 'refused' | 'nothing-to-do'> {
  const found = await deps.store.find(tokenId);
  const record = found.record;
  if (record === undefined || tokenState(found, epochSeconds(deps.clock())) !== 'live')
    return 'nothing-to-do';
  if (!isMailable(record) || record.mailedAt !== undefined) return 'nothing-to-do';

  const token = signToken(record, await deps.keys.keyFor(record.keyEpoch));
  const sent = await deps.mailer.send(deps.compose(record, token), { kind: 'link', tokenId });
  const at = deps.clock();
  const entry = { tokenId, at, asset: record.asset.name, pseudonym: record.recipient.pseudonym };
  if (!sent.ok) {
    await appendOrReport(deps, { ...entry, event: 'mail-failed', reason: sent.error.reason });
    return 'refused';
  }
  try {
    await deps.store.markMailed(tokenId, epochSeconds(at));
  } catch (cause) {
    // The mail is out; sending it again because of a missing mark would help nobody.
    deps.report({ incident: 'mark-mailed-failed', tokenId }, cause);
  }
  await appendOrReport(deps, { ...entry, event: 'mailed' });
  return 'mailed';
}

function isMailable(record: TokenRecord): record is MailableRecord {
  return record.recipient !== undefined && record.open === 'confirm';
}
