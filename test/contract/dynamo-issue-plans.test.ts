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
  tokenIds: [newTokenId('form'), ...Array.from({ length: count - 1 }, () => newTokenId('form'))],
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

describe('plans for requests with an idempotency key:', () => {
  test('a plan with 100 token IDs and times in milliseconds is stored unchanged', async () => {
    const name = freshName();
    const given = plan(100);
    expect(await plans().settle(name, given)).toEqual(given);
    expect(await plans().find(name)).toEqual(given);
  });

  test('no plan is found for an unused key', async () => {
    expect(await plans().find(freshName())).toBeUndefined();
  });

  test('only one of 50 concurrent plans for a key is stored, and every caller gets that plan', async () => {
    const name = freshName();
    const settled = await Promise.all(Array.from({ length: 50 }, () => plans().settle(name, plan())));
    expect(new Set(settled.map(({ tokenIds }) => tokenIds.join())).size).toBe(1);
  });

  test('a plan is stored even if the response is lost', async () => {
    let lost = false;
    const proxy = await startFaultProxy(dynamo.url, (operation) => {
      if (!operation.endsWith('.PutItem') || lost) return { fate: 'pass' };
      lost = true;
      return { fate: 'lose-response' };
    });
    try {
      const given = plan();
      expect(await plans(proxy.url).settle(freshName(), given)).toEqual(given);
      expect(lost).toBe(true);
    } finally {
      await proxy.close();
    }
  });

  test('a plan can be marked as carried out, and marking a removed plan does not restore it', async () => {
    const name = freshName();
    const given = plan();
    await plans().settle(name, given);
    await plans().markCarriedOut(name, given);
    expect(await plans().find(name)).toMatchObject({ carriedOut: true });
    const unknown = freshName();
    await plans().markCarriedOut(unknown, given);
    expect(await plans().find(unknown)).toBeUndefined();
  });

  test("marking yesterday's plan does not mark today's plan for the same key", async () => {
    const name = freshName();
    const old = plan();
    await plans().settle(name, old);
    clock.advance(86_400);
    const fresh = { ...plan(), issuedAt: clock.read() };
    await plans().settle(name, fresh);
    await plans().markCarriedOut(name, old);
    expect(await plans().find(name)).toEqual(fresh);
  });

  test('a plan expires after a day, even if its row still exists', async () => {
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
