import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DynamoIssuePlans } from '../../lambda/adapters/dynamo-issue-plans.ts';
import { epochSeconds, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import type { StandingPlan } from '../../lambda/domain/ports.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { assetName } from '../support/values.ts';

const AT = new Date('2031-05-17T10:20:30.123Z');

let dynamo: DynaliteServer;
let clock: ManualClock;
let names = 0;

beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
beforeEach(() => {
  clock = new ManualClock(AT);
});

function plans(url?: string): DynamoIssuePlans {
  return new DynamoIssuePlans(dynamo.client(url), { table: 'issue', clock: clock.read });
}

function freshName(): string {
  names += 1;
  return `name-${names}`;
}

const plan = (count = 2): StandingPlan => ({
  tokenIds: Array.from({ length: count }, () => newTokenId('form')),
  issuedAt: AT,
  expiresAt: secondsAfter(epochSeconds(AT), 900),
  asset: {
    name: assetName('report.pdf'),
    key: 'gated/report.pdf',
    versionId: 'v1',
    fileName: 'report.pdf',
    type: 'application/pdf',
    size: 2048,
  },
  digest: 'of-what-was-asked',
  carriedOut: false,
});

describe('the plans of requests with an idempotency key', () => {
  test('are stored unchanged, to the millisecond and the hundredth id', async () => {
    const name = freshName();
    const given = plan(100);
    expect(await plans().settle(name, given)).toEqual(given);
    expect(await plans().find(name)).toEqual(given);
  });

  test('do not exist for an unused key', async () => {
    expect(await plans().find(freshName())).toBeUndefined();
  });

  test('are one per key, the first, however many are put at once', async () => {
    const name = freshName();
    const settled = await Promise.all(Array.from({ length: 50 }, () => plans().settle(name, plan())));
    expect(new Set(settled.map(({ tokenIds }) => tokenIds.join())).size).toBe(1);
  });

  test('are stored although the answer was lost', async () => {
    let lost = false;
    const proxy = await startFaultProxy(dynamo.url, (operation) => {
      if (!operation.endsWith('.PutItem') || lost) return { fate: 'pass' };
      lost = true;
      return { fate: 'lose-answer' };
    });
    try {
      const given = plan();
      expect(await plans(proxy.url).settle(freshName(), given)).toEqual(given);
      expect(lost).toBe(true);
    } finally {
      await proxy.close();
    }
  });

  test('are marked as carried out, and a removed one does not come back', async () => {
    const name = freshName();
    const given = plan();
    await plans().settle(name, given);
    await plans().markCarriedOut(name, given);
    expect(await plans().find(name)).toMatchObject({ carriedOut: true });
    const unknown = freshName();
    await plans().markCarriedOut(unknown, given);
    expect(await plans().find(unknown)).toBeUndefined();
  });

  test('of yesterday do not mark the plan that a key has today', async () => {
    const name = freshName();
    const old = plan();
    await plans().settle(name, old);
    clock.advance(86_400);
    const fresh = { ...plan(), issuedAt: clock.read() };
    await plans().settle(name, fresh);
    await plans().markCarriedOut(name, old);
    expect(await plans().find(name)).toEqual(fresh);
  });

  test('end after a day, even if the row is still there', async () => {
    const name = freshName();
    const old = plan();
    await plans().settle(name, old);
    clock.advance(86_399);
    expect(await plans().find(name)).toEqual(old);
    clock.advance(1);
    expect(await plans().find(name)).toBeUndefined();
    const fresh = plan();
    expect(await plans().settle(name, fresh)).toEqual(fresh);
  });
});
