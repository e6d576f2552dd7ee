import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DynamoLedger } from '../../lambda/adapters/dynamo-ledger.ts';
import { DynamoQuota } from '../../lambda/adapters/dynamo-quota.ts';
import { epochSeconds, newRedemptionId, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import type { LedgerEntry } from '../../lambda/domain/records.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryQuota } from '../support/memory-quota.ts';
import { assetName, email } from '../support/values.ts';
import { first } from './first-call.ts';

let dynamo: DynaliteServer;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
const later = afterwards();

const AT = new Date('2031-05-17T10:20:30.123Z');

describe('the ledger', () => {
  const issued = (): Extract<LedgerEntry, { event: 'issued' }> => ({
    event: 'issued',
    tokenId: newTokenId('form'),
    at: AT,
    asset: assetName('report.pdf'),
    fileName: 'report.pdf',
    size: 2048,
    issuedBy: 'public',
    expiresAt: secondsAfter(epochSeconds(AT), 900),
    open: 'confirm',
    delivery: 'redirect',
    address: email('ada@example.org'),
  });

  function ledger(url?: string): DynamoLedger {
    return new DynamoLedger(dynamo.client(url), { table: 'ledger', retentionDays: 10 });
  }

  test('keeps issued entries, and those with an expiry, longer than any backup of the record, and others for retentionDays', async () => {
    const entry = issued();
    const noted = { event: 'mailed', tokenId: entry.tokenId, at: AT, asset: entry.asset } as const;
    const revoked = { ...noted, event: 'revoked', redemptionId: newRedemptionId() } as const;
    await ledger().append(entry);
    await ledger().append(noted, entry.expiresAt);
    await ledger().append(revoked);
    const { Items } = await dynamo.client().send(new ScanCommand({ TableName: 'ledger' }));
    const { at: _at, ...terms } = entry;
    expect(Items).toContainEqual({
      ...terms,
      issuedMonth: '2031-05',
      timeEvent: '2031-05-17T10:20:30.123Z#issued',
      removeAt: entry.expiresAt + 36 * 86_400,
    });
    expect(Items).toContainEqual({
      event: 'mailed',
      tokenId: entry.tokenId,
      asset: 'report.pdf',
      timeEvent: '2031-05-17T10:20:30.123Z#mailed',
      removeAt: entry.expiresAt + 36 * 86_400,
    });
    expect(Items).toContainEqual(
      expect.objectContaining({ event: 'revoked', removeAt: epochSeconds(AT) + 864_000 }),
    );
    expect(await ledger().linesOf(entry.tokenId)).toEqual([entry, noted, revoked]);
  });

  test('never overwrites an entry', async () => {
    const entry = issued();
    expect(await ledger().append(entry)).toBe('appended');
    expect(await ledger().append({ ...entry, address: email('eve@example.org') })).toBe('known');
    expect(await ledger().recipientOf(entry.tokenId)).toEqual({
      asset: 'report.pdf',
      issuedBy: 'public',
      expiresAt: entry.expiresAt,
      address: 'ada@example.org',
    });
  });

  test('reports an entry as new if the response was lost and the SDK retried the write', async () => {
    const proxy = await startFaultProxy(dynamo.url, first('PutItem', 'lose-response'));
    later(proxy.close);
    const entry = issued();
    expect(await ledger(proxy.url).append(entry)).toBe('appended');
    expect(await ledger().recipientOf(entry.tokenId)).toBeDefined();
  });

  test('returns no recipient for an unknown token or for an API link that was not mailed', async () => {
    const { address: _, ...handedOut } = issued();
    await ledger().append(handedOut);
    expect(await ledger().recipientOf(handedOut.tokenId)).toBeUndefined();
    expect(await ledger().recipientOf(newTokenId('form'))).toBeUndefined();
  });
});

describe('the quota', () => {
  let time: ManualClock;
  let quota: DynamoQuota;
  let counters = 0;
  const levels: [string, number][] = [];
  const measure = (gauge: string, percent: number) => levels.push([gauge, percent]);
  beforeEach(() => {
    levels.length = 0;
    time = new ManualClock(AT);
    quota = new DynamoQuota(dynamo.client(), { table: 'quota', clock: time.read, measure });
  });

  const counter = (limit: number, windowSeconds = 60) => {
    counters += 1;
    return { name: `counter/${counters}`, limit, windowSeconds };
  };

  test('counts up to the limit, and then returns the seconds until the window ends', async () => {
    const three = counter(3);
    for (let hit = 0; hit < 3; hit += 1) expect(await quota.take(three)).toEqual({ taken: true });
    time.advance(20);
    expect(await quota.take(three)).toEqual({ taken: false, retryAfterSeconds: 40 });
  });

  test('starts a window at its first request, so a limit of one per minute allows one in any 60 seconds', async () => {
    const one = counter(1);
    await quota.take(one);
    time.advance(59);
    expect(await quota.take(one)).toMatchObject({ taken: false });
    time.advance(1);
    expect(await quota.take(one)).toEqual({ taken: true });
  });

  test('refunds what was taken, but never more', async () => {
    const one = counter(1);
    await quota.take(one);
    await quota.refund(one);
    await quota.refund(one);
    expect(await quota.take(one)).toEqual({ taken: true });
    expect(await quota.take(one)).toMatchObject({ taken: false });
  });

  test('starts a new window once everything has been refunded', async () => {
    const one = counter(1);
    await quota.take(one);
    time.advance(59);
    await quota.refund(one);
    await quota.take(one);
    time.advance(59);
    expect(await quota.take(one)).toEqual({ taken: false, retryAfterSeconds: 1 });
  });

  test('takes an amount only if the whole amount fits', async () => {
    const most = counter(10);
    expect(await quota.take({ ...most, amount: 7 })).toEqual({ taken: true });
    expect(await quota.take({ ...most, amount: 4 })).toEqual({ taken: false, retryAfterSeconds: 60 });
    expect(await quota.look({ ...most, amount: 4 })).toEqual({ taken: false, retryAfterSeconds: 60 });
    expect(await quota.look({ ...most, amount: 3 })).toEqual({ taken: true });
    expect(await quota.take({ ...most, amount: 3 })).toEqual({ taken: true });
    await quota.refund({ ...most, amount: 7 });
    expect(await quota.take({ ...most, amount: 8 })).toMatchObject({ taken: false });
    expect(await quota.take({ ...most, amount: 7 })).toEqual({ taken: true });
  });

  test('never takes an amount above the limit, and starts no window for it', async () => {
    const most = counter(10);
    expect(await quota.take({ ...most, amount: 11 })).toEqual({ taken: false, retryAfterSeconds: 60 });
    time.advance(30);
    await quota.take(most);
    expect(await quota.take({ ...most, amount: 10 })).toEqual({ taken: false, retryAfterSeconds: 60 });
  });

  test('returns the same results as the in-memory quota for any sequence of calls', async () => {
    const step = fc.record({
      act: fc.constantFrom('take', 'look', 'refund'),
      amount: fc.option(fc.integer({ min: 1, max: 7 }), { nil: undefined }),
      wait: fc.constantFrom(0, 1, 20, 60),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 }),
        fc.array(step, { maxLength: 12 }),
        async (limit, steps) => {
          const some = counter(limit);
          const memory = new MemoryQuota(time.read);
          for (const { act, amount, wait } of steps) {
            time.advance(wait);
            const now = { ...some, ...(amount !== undefined && { amount }) };
            expect(await quota[act](now)).toEqual(await memory[act](now));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([1, 5])('with a limit of %i, counts a call once if its response was lost', async (limit) => {
    const proxy = await startFaultProxy(dynamo.url, loseResponsesOfUpdates());
    later(proxy.close);
    const faulty = new DynamoQuota(dynamo.client(proxy.url), { table: 'quota', clock: time.read, measure });
    const some = counter(limit);
    expect(await faulty.take(some)).toEqual({ taken: true });
    for (let hit = 1; hit < limit; hit += 1) expect(await quota.take(some)).toEqual({ taken: true });
    expect(await quota.take(some)).toMatchObject({ taken: false });
  });

  test('ignores a stored window that ends later than any valid window', async () => {
    const one = counter(1);
    const row = { counter: one.name, hits: 1, expiresAt: 99_999_999_999, takenBy: 'x' };
    await dynamo.client().send(new PutCommand({ TableName: 'quota', Item: row }));
    expect(await quota.look(one)).toEqual({ taken: true });
    expect(await quota.take(one)).toEqual({ taken: true });
    expect(await quota.take(one)).toEqual({ taken: false, retryAfterSeconds: 60 });
  });

  test('enforces the limit for a function whose clock is a second behind', async () => {
    const late = new DynamoQuota(dynamo.client(), {
      table: 'quota',
      clock: () => new Date(time.read().getTime() - 1000),
      measure,
    });
    const one = counter(1);
    expect(await quota.take(one)).toEqual({ taken: true });
    expect(await late.take(one)).toMatchObject({ taken: false });
    expect(await late.look(one)).toMatchObject({ taken: false });
  });

  test('can be read without counting a call', async () => {
    const one = counter(1);
    for (let look = 0; look < 3; look += 1) expect(await quota.look(one)).toEqual({ taken: true });
    await quota.take(one);
    time.advance(20);
    expect(await quota.look(one)).toEqual({ taken: false, retryAfterSeconds: 40 });
    time.advance(40);
    expect(await quota.look(one)).toEqual({ taken: true });
  });

  test('reports how full a watched counter is after each count, and 100 percent after each refusal', async () => {
    const watched = { ...counter(4), gauge: 'FormMails' } as const;
    for (let hit = 0; hit < 5; hit += 1) await quota.take(watched);
    await quota.look(watched);
    await quota.take(counter(4));
    expect(levels).toEqual([25, 50, 75, 100, 100, 100].map((percent) => ['FormMails', percent]));
  });

  test('admits five of 100 concurrent calls if the limit is five', async () => {
    const five = counter(5);
    const responses = await Promise.all(Array.from({ length: 100 }, () => quota.take(five)));
    expect(responses.filter(({ taken }) => taken)).toHaveLength(5);
  });
});

/** Loses the response to every other update, so that the SDK retries it. */
function loseResponsesOfUpdates(): Decide {
  let updates = 0;
  return (target) => {
    if (!target.endsWith('.UpdateItem')) return { fate: 'pass' };
    updates += 1;
    return { fate: updates % 2 === 1 ? 'lose-response' : 'pass' };
  };
}
