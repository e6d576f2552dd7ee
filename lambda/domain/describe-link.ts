import type { Refusal } from './errors.ts';
import { type EpochSeconds, epochSeconds, secondsAfter, type TokenId } from './ids.ts';
import { isWithin, type Reach } from './issuer.ts';
import { mapInBatches } from './map-in-batches.ts';
import type { Clock, LinkHistory, TokenLookup, TokenStore } from './ports.ts';
import type { IssuedEntry, IssuedFile, LedgerEntry, TokenState } from './records.ts';
import { fail, ok, type Result } from './result.ts';
import { BACKUP_WINDOW_SECONDS } from './retention.ts';
import { isExpired, type RevocationReason, revocationReason, tokenState } from './token-state.ts';

export interface DescribeDependencies {
  readonly clock: Clock;
  readonly store: Pick<TokenStore, 'find' | 'findAll'>;
  readonly history: Pick<LinkHistory, 'linesOf'>;
}

/** State of a link's e-mail, and the time of the last change. */
interface MailState {
  readonly state: 'queued' | 'mailed' | 'failed' | 'bounced' | 'complained';
  readonly at: Date;
  /** Time of the last reminder. */
  readonly remindedAt?: Date;
}

/** Outcome of streaming a file. */
interface DeliveryState {
  readonly outcome: 'delivered' | 'aborted';
  readonly bytes: number;
  readonly at: Date;
}

/** State of a link, with the time at which it was redeemed, or when and why it was revoked. */
export interface LinkState {
  readonly state: TokenState;
  readonly redeemedAt?: EpochSeconds;
  readonly revokedAt?: EpochSeconds;
  readonly revokedReason?: RevocationReason;
}

/** Description of a link and its history. It contains nothing that can be redeemed. */
export interface LinkDescription extends LinkState {
  readonly issued: IssuedEntry;
  /** Only for collections. */
  readonly files?: readonly (IssuedFile & LinkState)[];
  /** Only for links with a recipient. */
  readonly mail?: MailState;
  readonly delivered?: DeliveryState;
  readonly reissuedAt?: readonly Date[];
}

/**
 * Describes one link.
 *
 * @returns `not_found` if the link does not exist or the caller is not allowed to access it
 */
export async function describeLink(
  deps: DescribeDependencies,
  tokenId: TokenId,
  reach: Reach,
): Promise<Result<LinkDescription, Refusal>> {
  const lines = await deps.history.linesOf(tokenId);
  const issued = lines.find((line) => line.event === 'issued');
  if (issued === undefined || !isWithin(reach, issued)) return fail({ code: 'not_found' });
  const now = epochSeconds(deps.clock());
  const found = await deps.store.find(tokenId);
  const files = issued.files && (await describeFiles(deps, issued, issued.files, now));
  const mail = mailState(issued, lines);
  const delivered = deliveryState(lines);
  const reissuedAt = lines.filter(({ event }) => event === 'reissued').map(({ at }) => at);
  return ok({
    issued,
    ...stateOf(found, lines, now),
    ...(files && { files }),
    ...(mail && { mail }),
    ...(delivered && { delivered }),
    ...(reissuedAt.length > 0 && { reissuedAt }),
  });
}

async function describeFiles(
  { store, history }: DescribeDependencies,
  { expiresAt }: IssuedEntry,
  files: readonly IssuedFile[],
  now: EpochSeconds,
): Promise<NonNullable<LinkDescription['files']>> {
  const found = await store.findAll(files.map(({ tokenId }) => tokenId));
  // Until then, no receipt is removed, so the ledger cannot know more.
  const isPast = isExpired(secondsAfter(expiresAt, BACKUP_WINDOW_SECONDS), now);
  const readings = files.map((file, index) => ({ file, reading: found[index] ?? {} }));
  return mapInBatches(readings, async ({ file, reading }) => {
    const lines = isPast && reading.receipt === undefined ? await history.linesOf(file.tokenId) : [];
    return { ...file, ...stateOf(reading, lines, now) };
  });
}

/**
 * Returns the state of a link. The receipt decides. The ledger can be kept for longer, so it decides about an expired
 * link that has no receipt.
 */
function stateOf(found: TokenLookup, lines: readonly LedgerEntry[], now: EpochSeconds): LinkState {
  const { receipt } = found;
  const state = tokenState(found, now);
  const ending = lines.find(({ event }) => event === 'redeemed' || event === 'revoked');
  if (state === 'expired' && ending !== undefined) {
    const at = epochSeconds(ending.at);
    return ending.event === 'redeemed'
      ? { state: 'redeemed', redeemedAt: at }
      : { state: 'revoked', revokedAt: at };
  }
  return {
    state,
    ...(receipt?.kind === 'redeemed' && { redeemedAt: receipt.at }),
    ...(receipt?.kind === 'revoked' && {
      revokedAt: receipt.at,
      revokedReason: revocationReason(receipt.revokedBy),
    }),
  };
}

const MAIL_STATES: Partial<Record<LedgerEntry['event'], MailState['state']>> = {
  mailed: 'mailed',
  'mail-failed': 'failed',
  bounced: 'bounced',
  complained: 'complained',
};

const RETURNED: readonly LedgerEntry['event'][] = ['bounced', 'complained'];

function mailState(issued: IssuedEntry, lines: readonly LedgerEntry[]): MailState | undefined {
  // An e-mail that came back has been sent, even if `mailed` has the later time: SES dates the bounce of a suppressed
  // address before it answers the call that sends the e-mail.
  const last =
    lines.findLast(({ event }) => RETURNED.includes(event)) ??
    lines.findLast(({ event }) => MAIL_STATES[event] !== undefined);
  // The recipient of a file in a collection gets only the e-mail about the collection.
  if (last === undefined && (issued.address === undefined || issued.collection)) return undefined;
  const reminded = lines.findLast(({ event }) => event === 'reminded');
  return {
    state: (last && MAIL_STATES[last.event]) ?? 'queued',
    at: (last ?? issued).at,
    ...(reminded && { remindedAt: reminded.at }),
  };
}

function deliveryState(lines: readonly LedgerEntry[]): DeliveryState | undefined {
  // A reissue streams the file again, so only the last of these entries describes the current state.
  const last = lines.findLast(({ event }) => event === 'delivered' || event === 'aborted');
  if (last?.event !== 'delivered' && last?.event !== 'aborted') return undefined;
  return { outcome: last.event, bytes: last.bytes, at: last.at };
}
