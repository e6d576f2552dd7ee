import pMap from 'p-map';
import type { TokenId } from '../../lambda/domain/ids.ts';
import type { TokenState } from '../../lambda/domain/records.ts';
import { TOKENS_AT_ONCE } from '../tables/tables.ts';
import type { Account, Accounts } from './account.ts';
import { type Contradiction, type Judgement, judge, type Remark } from './judge.ts';

/** What one token is, and that it must not be so, or is worth a word. */
export interface Finding {
  readonly tokenId: TokenId;
  readonly kind: Contradiction | Remark;
}

/** The sums. */
export interface Audit {
  /** How many tokens are in each state: each is in one. */
  readonly states: Readonly<Record<TokenState, number>>;
  /** How many the ledger says were issued. */
  readonly issued: number;
  /** How many are known at all: of those that are not among the issued, history is past its retention. */
  readonly known: number;
  readonly contradictions: readonly Finding[];
  /** How often each remark holds. */
  readonly remarks: Readonly<Partial<Record<Remark, number>>>;
}

/**
 * Judges every token. One that seems to contradict itself is read again first, for it may have changed while the books
 * were read.
 *
 * @param now seconds since 1970
 */
export async function audit(
  accounts: Accounts,
  readAgain: (tokenId: TokenId) => Promise<Account>,
  now: () => number,
): Promise<Audit> {
  const judged = (account: Account) => ({ account, judgement: judge(account, now()) });
  const tally = newTally();
  const suspects: TokenId[] = [];
  for (const [tokenId, account] of accounts) {
    const { judgement } = judged(account);
    if (judgement.contradictions.length > 0) suspects.push(tokenId);
    else tally.count(account, judgement);
  }
  await pMap(
    suspects,
    async (tokenId) => {
      const { account, judgement } = judged(await readAgain(tokenId));
      tally.count(account, judgement);
    },
    { concurrency: TOKENS_AT_ONCE },
  );
  return tally.audit();
}

function newTally() {
  const states: Record<TokenState, number> = { live: 0, redeemed: 0, revoked: 0, expired: 0 };
  const remarks: Partial<Record<Remark, number>> = {};
  const contradictions: Finding[] = [];
  let issued = 0;
  let known = 0;
  return {
    count: (account: Account, { state, ...found }: Judgement): void => {
      if (state === undefined) return;
      states[state] += 1;
      known += 1;
      if (account.issued !== undefined) issued += 1;
      for (const kind of found.contradictions) contradictions.push({ tokenId: account.tokenId, kind });
      for (const remark of found.remarks) remarks[remark] = (remarks[remark] ?? 0) + 1;
    },
    audit: (): Audit => ({ states, issued, known, contradictions, remarks }),
  };
}
