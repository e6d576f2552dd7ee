import pMap from 'p-map';
import type { TokenId, TokenState } from '../../lambda/operator.ts';
import { TOKENS_AT_ONCE } from '../tables/tables.ts';
import type { Account, Accounts } from './account.ts';
import { type Contradiction, type Judgement, judge, type Remark } from './judge.ts';

/** A contradiction or a remark about one token. */
export interface Finding {
  readonly tokenId: TokenId;
  readonly kind: Contradiction | Remark;
}

/** The result of an audit: counts over all tokens, and every contradiction. */
export interface Audit {
  /** The number of tokens in each state. Every token is in exactly one state. */
  readonly states: Readonly<Record<TokenState, number>>;
  /** The number of tokens with an `issued` entry in the ledger. */
  readonly issued: number;
  /** The sum of `states`. Includes tokens whose `issued` entry is missing, usually because it is past its retention. */
  readonly known: number;
  readonly contradictions: readonly Finding[];
  /** How many tokens each remark applies to. */
  readonly remarks: Readonly<Partial<Record<Remark, number>>>;
}

/**
 * Judges every token. Before reporting a contradiction, reads the token again, because it may have changed while the
 * tables were being read.
 *
 * @param now returns seconds since 1970
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
