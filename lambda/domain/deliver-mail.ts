import { appendOrReport } from './ending.ts';
import { type EmailAddress, epochSeconds, type Token, type TokenId } from './ids.ts';
import { countProgramMail, type ProgramMailDependencies, refundQuota } from './mail-quota.ts';
import type { Clock, Ledger, LinkHistory, Mail, Mailer, SigningKeys, TokenStore } from './ports.ts';
import { mailingCounter } from './quota-rules.ts';
import { isGenuine } from './record-seal.ts';
import type { IssuedEntry, LedgerEntry, TokenRecord } from './records.ts';
import { ok } from './result.ts';
import { COLLECTION_TOKEN, signToken } from './token.ts';
import { tokenState } from './token-state.ts';

/** Record of a link with a recipient. */
export type MailableRecord = TokenRecord & Required<Pick<TokenRecord, 'recipient'>>;

/** Which e-mail carries the link: the first one, or a reminder that the link has not been redeemed. */
export type LinkMailKind = 'link' | 'reminder';

/** Minimum time between a reminder and the previous e-mail or failed reminder, in milliseconds. */
const REMINDER_PAUSE_MS = 86_400_000;

const SENT = { link: 'mailed', reminder: 'reminded' } as const;
const FAILED = { link: 'mail-failed', reminder: 'reminder-failed' } as const;

export interface DeliverMailDependencies extends ProgramMailDependencies {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly store: Pick<TokenStore, 'find' | 'findAll'>;
  readonly history: Pick<LinkHistory, 'linesOf'>;
  readonly mailer: Mailer;
  readonly ledger: Ledger;
  readonly isAllowedRecipient: (address: EmailAddress) => boolean;
  /** Composes the e-mail that carries the token. The token is not passed to anything else. */
  readonly compose: (record: MailableRecord, token: Token, kind: LinkMailKind) => Mail;
}

/**
 * Mails a link to its recipient. The first e-mail is sent again only if SES sent it but the response was lost, or if
 * the `mailed` entry could not be written. Does nothing if the e-mail is not due, or if the link is not meant to be
 * mailed, has ended, no longer exists, or no longer leads to a file. The record must be genuine and match the `issued`
 * entry in the ledger, and the recipient must still be allowed. The token is computed from the record, so every e-mail
 * carries the same token. This function never writes to the token table; the ledger records which links were mailed.
 *
 * Reminders are sent only for API links that were mailed: at most one a day, however many are requested, and none after
 * a complaint. A reminder counts against the caller when it is sent. Over the limit, the reminder is recorded as failed
 * and dropped.
 *
 * @returns `busy` if another invocation is mailing the link; the message must then be delivered again later
 * @throws Unavailable if a service is down; the message then goes back to the queue
 */
export async function deliverMail(
  deps: DeliverMailDependencies,
  tokenId: TokenId,
  kind: LinkMailKind = 'link',
): Promise<'mailed' | 'reminded' | 'refused' | 'nothing-to-do' | 'busy'> {
  const found = await deps.store.find(tokenId);
  const record = found.record;
  if (record === undefined || tokenState(found, epochSeconds(deps.clock())) !== 'live')
    return 'nothing-to-do';
  if (!isMailable(record) || !(await leadsToFiles(deps, record))) return 'nothing-to-do';
  const lines = await deps.history.linesOf(tokenId);
  if (!isDue(kind, lines, deps.clock())) return 'nothing-to-do';

  const entry = { tokenId, asset: record.asset.name, pseudonym: record.recipient.pseudonym };
  const issued = lines.find((line) => line.event === 'issued');
  const key = await deps.keys.keyFor(record.keyEpoch);
  if (issued === undefined || !agree(record, issued) || !isGenuine(record, key)) {
    deps.report(
      { incident: 'mail-contradicted', tokenId },
      new Error('The record does not match the history'),
    );
    return 'refused';
  }
  const refuse = async (reason: string) => {
    await appendOrReport(deps, { ...entry, at: deps.clock(), event: FAILED[kind], reason }, record.expiresAt);
    return 'refused' as const;
  };
  if (!deps.isAllowedRecipient(record.recipient.address)) return await refuse('recipient-not-allowed');
  const turns = record.callerId === undefined ? [] : [mailingCounter(record.callerId, tokenId)];
  for (const turn of turns) {
    if (!(await deps.quota.take(turn)).taken) return 'busy';
  }
  // The first e-mail was counted when the link was issued.
  const { callerId } = record;
  const isCounted = kind === 'reminder' && callerId !== undefined;
  const counted = isCounted ? await countProgramMail(deps, callerId, tokenId) : ok([]);
  if (!counted.ok) {
    await refundQuota(deps, turns, tokenId);
    return await refuse('mail-limit');
  }

  const token = signToken(record, key, record.files && COLLECTION_TOKEN);
  try {
    const mail = deps.compose(record, token, kind);
    const sent = await deps.mailer.send(mail, { kind: 'link', tokenId });
    if (!sent.ok) {
      await refundQuota(deps, counted.value, tokenId);
      return await refuse(sent.error.reason);
    }
  } catch (cause) {
    await refundQuota(deps, [...turns, ...counted.value], tokenId);
    throw cause;
  }
  await appendOrReport(deps, { ...entry, at: deps.clock(), event: SENT[kind] }, record.expiresAt);
  return SENT[kind];
}

/** Returns whether the e-mail is due, according to the ledger. */
function isDue(kind: LinkMailKind, lines: readonly LedgerEntry[], now: Date): boolean {
  const mailed = lines.some(({ event }) => event === 'mailed');
  if (kind === 'link') return !mailed;
  const isOwned = lines.some((line) => line.event === 'issued' && line.callerId !== undefined);
  const isRecent = ({ event, at }: LedgerEntry) =>
    (event === 'mailed' || event === 'reminded' || event === 'reminder-failed') &&
    now.getTime() - at.getTime() < REMINDER_PAUSE_MS;
  return mailed && isOwned && !lines.some((line) => line.event === 'complained' || isRecent(line));
}

/**
 * Returns whether the link is meant to be mailed. Direct links and links without a recipient are not. Nor are links to
 * individual files of a collection: the recipient gets the collection's link.
 */
function isMailable(record: TokenRecord): record is MailableRecord {
  return record.recipient !== undefined && record.open === 'confirm' && record.collection === undefined;
}

/** Returns whether the link still leads to a file. For a collection, at least one file must be live. */
async function leadsToFiles(
  { store, clock }: DeliverMailDependencies,
  { files }: TokenRecord,
): Promise<boolean> {
  if (files === undefined) return true;
  const found = await store.findAll(files.map(({ tokenId }) => tokenId));
  return found.some((file) => tokenState(file, epochSeconds(clock())) === 'live');
}

/** Returns whether the record and the `issued` entry agree in every field that the e-mail shows. */
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
