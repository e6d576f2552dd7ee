import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TokenLookup } from '../../../../lambda/domain/ports.ts';
import { tokenState } from '../../../../lambda/domain/token-state.ts';
import { tokenId } from '../../../../test/support/values.ts';
import type { Account, Accounts } from '../../../audit/account.ts';
import { audit } from '../../../audit/audit.ts';
import { EXPLANATIONS, judge } from '../../../audit/judge.ts';

const DAY = 86_400;
const NOW = 1_000 * DAY;
const ID = tokenId('b'.repeat(32));

const account = (facts: Partial<Account>): Account => ({
  tokenId: ID,
  endings: [],
  reissues: [],
  ...facts,
});
const later = { expiresAt: NOW + 60 };
const over = { expiresAt: NOW - 60 };
const redeemed = { kind: 'redeemed', at: NOW - 100 } as const;
const revoked = { kind: 'revoked', at: NOW - 100 } as const;

describe('judge on consistent links', () => {
  test.each([
    ['live', { issued: later, record: later }, []],
    ['expired', { issued: over }, []],
    ['expired', { issued: over, record: over }, ['waiting-for-ttl']],
    ['redeemed', { issued: later, receipt: redeemed, endings: [redeemed] }, []],
    ['revoked', { issued: later, receipt: revoked, endings: [revoked] }, []],
    [
      'redeemed',
      { issued: later, receipt: redeemed, endings: [redeemed], record: later },
      ['waiting-for-ttl'],
    ],
    ['redeemed', { issued: later, receipt: redeemed }, ['ending-not-in-ledger']],
  ] as const)('finds no contradiction in a link that is %s, given %j', (state, facts, remarks) => {
    expect(
      judge(account({ ...facts, endings: [...('endings' in facts ? facts.endings : [])] }), NOW),
    ).toEqual({
      state,
      contradictions: [],
      remarks,
    });
  });

  test('accepts missing ledger entries if the link ended at least 36 days ago', () => {
    const at = NOW - 36 * DAY;
    expect(judge(account({ receipt: { kind: 'redeemed', at } }), NOW)).toMatchObject({
      contradictions: [],
      remarks: ['past-retention'],
    });
    expect(judge(account({ receipt: { kind: 'redeemed', at: at + 1 } }), NOW).contradictions).toEqual([
      'issued-nowhere',
    ]);
  });

  test('takes the state from the ledger if the receipt is past its retention', () => {
    const at = NOW - 36 * DAY;
    expect(judge(account({ issued: over, endings: [{ kind: 'redeemed', at }] }), NOW)).toEqual({
      state: 'redeemed',
      contradictions: [],
      remarks: ['past-retention'],
    });
  });

  test('accepts an ID that never belonged to a link, because refused requests also have IDs', () => {
    expect(judge(account({}), NOW)).toEqual({ state: undefined, contradictions: [], remarks: [] });
  });
});

describe('judge on reissues', () => {
  const [first, last] = [redeemed.at - 60, redeemed.at + 660];
  test.each([
    [{ receipt: redeemed, endings: [redeemed], reissues: [first, redeemed.at + 5, last] }, []],
    [{ endings: [redeemed], reissues: [last] }, ['ended-without-receipt']],
    [{ receipt: redeemed, reissues: [first - 1] }, ['reissued-wrongly']],
    [{ receipt: redeemed, reissues: [last + 1] }, ['reissued-wrongly']],
    [{ receipt: redeemed, reissues: [1, 2, 3, 4].map((after) => redeemed.at + after) }, ['reissued-wrongly']],
    [{ receipt: revoked, reissues: [revoked.at + 1] }, ['reissued-wrongly']],
  ])('given %j, finds the contradictions %j', (facts, contradictions) => {
    expect(judge(account({ issued: later, ...facts }), NOW).contradictions).toEqual(contradictions);
  });

  test('ignores reissues once the redemption is past its retention', () => {
    expect(judge(account({ issued: over, reissues: [NOW - 40 * DAY] }), NOW).contradictions).toEqual([]);
  });
});

describe('judge on contradictions', () => {
  test.each([
    ['issued-nowhere', { record: later }],
    ['issued-nowhere', { receipt: redeemed, endings: [redeemed] }],
    ['record-lost', { issued: later }],
    ['ended-twice', { issued: later, receipt: redeemed, endings: [redeemed, redeemed] }],
    ['ended-without-receipt', { issued: later, endings: [redeemed] }],
    ['ended-otherwise', { issued: later, receipt: redeemed, endings: [revoked] }],
  ] as const)('finds %s, given %j', (contradiction, facts) => {
    const judged = judge(account({ ...facts, endings: [...('endings' in facts ? facts.endings : [])] }), NOW);
    expect(judged.contradictions).toEqual([contradiction]);
    expect(EXPLANATIONS[contradiction]).not.toBe('');
  });
});

test('the audit and the machine derive the same state from every record and receipt', () => {
  const seconds = fc.integer({ min: NOW - 5, max: NOW + 5 });
  const record = fc.option(fc.record({ expiresAt: seconds }), { nil: undefined });
  const receipt = fc.option(fc.record({ kind: fc.constantFrom('redeemed', 'revoked'), at: seconds }), {
    nil: undefined,
  });
  fc.assert(
    fc.property(record, receipt, (ofTable, ofReceipts) => {
      const facts = {
        issued: later,
        ...(ofTable && { record: ofTable }),
        ...(ofReceipts && { receipt: ofReceipts as Account['receipt'] }),
      };
      const lookup = { record: ofTable, receipt: ofReceipts } as TokenLookup;
      expect(judge(account(facts as Partial<Account>), NOW).state).toBe(tokenState(lookup, NOW as never));
    }),
  );
});

describe('audit', () => {
  const accountsOf = (...all: Account[]): Accounts => new Map(all.map((one) => [one.tokenId, one]));

  test('counts every link in exactly one state', async () => {
    const ids = ['1', '2', '3', '4'].map((digit) => tokenId(digit.repeat(32)));
    const [first = ID, second = ID, third = ID, fourth = ID] = ids;
    const found = await audit(
      accountsOf(
        account({ tokenId: first, issued: later, record: later }),
        account({ tokenId: second, endings: [redeemed], issued: later, receipt: redeemed }),
        account({ tokenId: third, endings: [revoked], issued: later, receipt: revoked }),
        account({ tokenId: fourth, issued: over }),
      ),
      () => Promise.reject(new Error('a consistent link was read again')),
      () => NOW,
    );
    expect(found).toEqual({
      states: { live: 1, redeemed: 1, revoked: 1, expired: 1 },
      issued: 4,
      known: 4,
      contradictions: [],
      remarks: {},
    });
  });

  test('reads a link again before it reports a contradiction', async () => {
    const found = await audit(
      accountsOf(account({ issued: later, endings: [redeemed] })),
      async () => account({ issued: later, endings: [redeemed], receipt: redeemed }),
      () => NOW,
    );
    expect(found).toMatchObject({ states: { redeemed: 1 }, contradictions: [] });
  });

  test('reports a contradiction that remains after the second read', async () => {
    const found = await audit(
      accountsOf(account({ issued: later })),
      async () => account({ issued: later }),
      () => NOW,
    );
    expect(found.contradictions).toEqual([{ tokenId: ID, kind: 'record-lost' }]);
  });
});
