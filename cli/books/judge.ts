import type { TokenState } from '../../lambda/domain/records.ts';
import type { Account } from './account.ts';

/** What must not be: the books contradict each other. */
export type Contradiction =
  | 'issued-nowhere'
  | 'record-lost'
  | 'ended-twice'
  | 'ended-without-receipt'
  | 'ended-otherwise';

/** What may be, and is good to know. */
export type Remark = 'waiting-for-ttl' | 'ending-not-in-ledger' | 'past-retention';

/** What the books say of one token. */
export interface Judgement {
  /** Exactly one of the four; `undefined` for an id that was never a link, such as that of a refused request. */
  readonly state: TokenState | undefined;
  readonly contradictions: readonly Contradiction[];
  readonly remarks: readonly Remark[];
}

/**
 * Receipts and `issued` lines are kept for 36 days past the expiry of their link at least, whatever the retentions
 * (lambda/domain/retention.ts). A link ends before it expires, so until 36 days after its end both must be there.
 */
const KEPT_SECONDS = 36 * 86_400;

/**
 * Judges one token by the rules of docs/protocol.md: the receipt wins over everything; a record that is there and in
 * time is live; anything else has expired. Where a receipt is past its retention, the ledger's line stands in for it.
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

function contradictionsOf({ issued, record, receipt, endings }: Account, now: number): Contradiction[] {
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
  return found;
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

/** Whether something that was over at a moment must still be in the books. */
const isKept = (over: number, now: number): boolean => now < over + KEPT_SECONDS;

/** What each of them means. */
export const EXPLANATIONS = {
  'issued-nowhere': 'there is a record or receipt, but the ledger does not say that it was issued',
  'record-lost': 'it should be live, but has neither record nor receipt',
  'ended-twice': 'the ledger says that it ended more than once',
  'ended-without-receipt': 'the ledger says that it ended, but there is no receipt',
  'ended-otherwise': 'the ledger says that it ended in another way than its receipt',
  'waiting-for-ttl': 'over, and DynamoDB has yet to remove the record; it opens nothing',
  'ending-not-in-ledger': 'ended by the receipt, which decides; the ledger has no line of it, or no more',
  'past-retention': 'so old that not all of it is kept',
} as const satisfies Record<Contradiction | Remark, string>;
