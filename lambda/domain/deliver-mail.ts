import { appendOrReport } from './ending.ts';
import { type EmailAddress, epochSeconds, type Token, type TokenId } from './ids.ts';
import type { Clock, Ledger, LinkHistory, Mail, Mailer, Report, SigningKeys, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { IssuedEntry, TokenRecord } from './records.ts';
import { signToken } from './token.ts';
import { tokenState } from './token-state.ts';

/** Represents a record that has a recipient. */
export type MailableRecord = TokenRecord & Required<Pick<TokenRecord, 'recipient'>>;

export interface DeliverMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'>;
  readonly history: Pick<LinkHistory, 'linesOf'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Tells whether the operator allows mail to this address. */
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Composes the mail that carries the token. Besides the mailer, nothing else ever holds it. */
  readonly compose: (record: MailableRecord, token: Token) => Mail;
}

/**
 * Mails the link of a record, once as far as a queue with at-least-once delivery allows. Does nothing if the record is
 * mailed, ended, expired or gone. The record must be genuine and match what the link was issued as in the ledger, and
 * the recipient must still be allowed. The token is computed from the record, so a second mail carries the same one.
 * This function never writes to the token table; the ledger says what was mailed.
 *
 * @throws Unavailable if the mail may be retried: the message goes back to the queue
 */
export async function deliverMail(
  deps: DeliverMailDependencies,
  tokenId: TokenId,
): Promise<'mailed' | 'refused' | 'nothing-to-do'> {
  const found = await deps.store.find(tokenId);
  const record = found.record;
  if (record === undefined || tokenState(found, epochSeconds(deps.clock())) !== 'live')
    return 'nothing-to-do';
  if (!isMailable(record)) return 'nothing-to-do';
  const lines = await deps.history.linesOf(tokenId);
  if (lines.some(({ event }) => event === 'mailed')) return 'nothing-to-do';

  const entry = { tokenId, asset: record.asset.name, pseudonym: record.recipient.pseudonym };
  const issued = lines.find((line) => line.event === 'issued');
  const key = await deps.keys.keyFor(record.keyEpoch);
  if (issued === undefined || !agree(record, issued) || !isGenuine(record, key)) {
    deps.report({ incident: 'mail-contradicted', tokenId }, new Error('Record and history disagree'));
    return 'refused';
  }
  if (!deps.isAllowedRecipient(record.recipient.address)) {
    await appendOrReport(deps, {
      ...entry,
      at: deps.clock(),
      event: 'mail-failed',
      reason: 'recipient-not-allowed',
    });
    return 'refused';
  }

  const token = signToken(record, key);
  const sent = await deps.mailer.send(deps.compose(record, token), { kind: 'link', tokenId });
  const at = deps.clock();
  if (!sent.ok) {
    await appendOrReport(deps, { ...entry, at, event: 'mail-failed', reason: sent.error.reason });
    return 'refused';
  }
  await appendOrReport(deps, { ...entry, at, event: 'mailed' });
  return 'mailed';
}

function isMailable(record: TokenRecord): record is MailableRecord {
  return record.recipient !== undefined && record.open === 'confirm';
}

/** Tells whether a record still matches what its link was issued as, in everything that the mail shows. */
function agree({ asset, recipient, issuedBy, expiresAt }: MailableRecord, issued: IssuedEntry): boolean {
  return (
    recipient.address === issued.address &&
    asset.name === issued.asset &&
    asset.fileName === issued.fileName &&
    asset.size === issued.size &&
    issuedBy === issued.issuedBy &&
    expiresAt === issued.expiresAt
  );
}
