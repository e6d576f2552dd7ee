import { appendOrReport } from './append-or-report.ts';
import { type EmailAddress, epochSeconds, type Token, type TokenId } from './ids.ts';
import type { Clock, Ledger, LinkHistory, Mail, Mailer, Report, SigningKeys, TokenStore } from './ports.ts';
import { isGenuine } from './record-seal.ts';
import type { IssuedEntry, TokenRecord } from './records.ts';
import { signToken } from './token.ts';
import { tokenState } from './token-state.ts';

/** A record that names someone to mail to. */
export type MailableRecord = TokenRecord & Required<Pick<TokenRecord, 'recipient'>>;

export interface DeliverMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find'>;
  readonly history: Pick<LinkHistory, 'linesOf'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly report: Report;
  /** Whether the operator lets this address receive mail at all. */
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Writes the mail that carries the token; the only place besides the mailer that ever holds it. */
  readonly compose: (record: MailableRecord, token: Token) => Mail;
}

/**
 * Mails the link of a record: once, as far as a queue that delivers at least once allows. Does nothing for a record that
 * is mailed, ended, expired or gone. The record must be genuine and say what the history says the link was issued as, and
 * the recipient must still be allowed. The token is computed from the record, so even a second mail carries
 * the same one. This never writes to the token table: the ledger says what was mailed.
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

/** Whether a record still says what its link was issued as, in all that its mail tells. */
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
