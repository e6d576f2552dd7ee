import {
  BACKUP_WINDOW_SECONDS,
  MOST_REISSUES,
  SECOND_CHANCE_SECONDS,
  type TokenState,
} from '../../lambda/operator.ts';
import type { Account } from './account.ts';

/** An inconsistency between a token's record, receipt, and ledger entries. It should never happen. */
export type Contradiction =
  | 'issued-nowhere'
  | 'record-lost'
  | 'ended-twice'
  | 'ended-without-receipt'
  | 'ended-otherwise'
  | 'reissued-wrongly';

/** A valid state that is worth mentioning. */
export type Remark = 'waiting-for-ttl' | 'ending-not-in-ledger' | 'past-retention';

/** The state of one token, with its contradictions and remarks. */
export interface Judgement {
  /** `undefined` if the ID never belonged to a link, for example because the request for a link was refused. */
  readonly state: TokenState | undefined;
  readonly contradictions: readonly Contradiction[];
  readonly remarks: readonly Remark[];
}

/**
 * Judges one token by the rules in docs/protocol.md. The receipt decides. If there is no receipt, for example because
 * it is past its retention, the ledger decides. If neither records an ending, a token with an unexpired record is live,
 * and any other token has expired.
 *
 * @param now seconds since 1970
 */
export function judge(account: Account, now: number): Judgement {
  const { issued, record, receipt, endings } = account;
  const ending = receipt ?? endings[0];
  const isLive = record !== undefined && now < record.expiresAt;
  if (issued === undefined && record === undefined && ending === undefined) return NEVER_A_LINK;
  return {
    state: ending?.kind ?? (isLive ? 'live' : 'expired'),
    contradictions: contradictionsOf(account, now),
    remarks: remarksOf(account, now),
  };
}

const NEVER_A_LINK: Judgement = { state: undefined, contradictions: [], remarks: [] };

function contradictionsOf(account: Account, now: number): Contradiction[] {
  const { issued, record, receipt, endings } = account;
  const [ending] = endings;
  const over = receipt?.at ?? ending?.at ?? record?.expiresAt ?? now;
  const found: Contradiction[] = [];
  if (issued === undefined && isKept(over, now)) found.push('issued-nowhere');
  if (
    receipt === undefined &&
    ending === undefined &&
    record === undefined &&
    now < (issued?.expiresAt ?? 0)
  ) {
    found.push('record-lost');
  }
  if (endings.length > 1) found.push('ended-twice');
  if (receipt === undefined && ending !== undefined && isKept(ending.at, now)) {
    found.push('ended-without-receipt');
  }
  if (receipt !== undefined && endings.some(({ kind }) => kind !== receipt.kind))
    found.push('ended-otherwise');
  if (isReissuedWrongly(account)) found.push('reissued-wrongly');
  return found;
}

/** Maximum tolerated clock skew between two functions. */
const SKEW_SECONDS = 60;

function isReissuedWrongly({ receipt, endings, reissues }: Account): boolean {
  const redeemed = [receipt, ...endings].find((ending) => ending?.kind === 'redeemed');
  if (reissues.length === 0 || (redeemed === undefined && receipt === undefined)) return false;
  if (redeemed === undefined || reissues.length > MOST_REISSUES) return true;
  const [from, to] = [redeemed.at - SKEW_SECONDS, redeemed.at + SECOND_CHANCE_SECONDS + SKEW_SECONDS];
  return reissues.some((at) => at < from || at > to);
}

function remarksOf({ issued, record, receipt, endings }: Account, now: number): Remark[] {
  const [ending] = endings;
  const over = receipt?.at ?? ending?.at ?? record?.expiresAt ?? now;
  const found: Remark[] = [];
  if ((issued === undefined || (receipt === undefined && ending !== undefined)) && !isKept(over, now)) {
    found.push('past-retention');
  }
  if (receipt !== undefined && ending === undefined && issued !== undefined)
    found.push('ending-not-in-ledger');
  const ended = receipt !== undefined || ending !== undefined;
  if (record !== undefined && (ended || now >= record.expiresAt)) found.push('waiting-for-ttl');
  return found;
}

/**
 * Returns whether the rows of a link that ended at `over` must still exist. Whatever the retention setting is, rows are
 * kept for the whole backup window after the link's expiry, and no link ends after its expiry.
 */
const isKept = (over: number, now: number): boolean => now < over + BACKUP_WINDOW_SECONDS;

/** Explanations of contradictions and remarks, as `tvm audit` prints them. */
export const EXPLANATIONS = {
  'issued-nowhere': 'the link has a record, a receipt, or an ending, but the ledger has no "issued" entry',
  'record-lost': 'the link should be live, but its record and receipt are missing',
  'ended-twice': 'the ledger says that the link ended more than once',
  'ended-without-receipt': 'the ledger says that the link ended, but there is no receipt',
  'ended-otherwise': 'the ledger and the receipt disagree about how the link ended',
  'reissued-wrongly':
    'the ledger says that the file was reissued too often, at the wrong time, or without a redemption',
  'waiting-for-ttl': 'the link has ended, but DynamoDB has yet to remove its record, which opens nothing',
  'ending-not-in-ledger':
    'the receipt, which decides, says that the link ended, but the ledger entry was lost or is past its retention',
  'past-retention': 'the link is so old that some of its rows have been removed',
} as const satisfies Record<Contradiction | Remark, string>;
