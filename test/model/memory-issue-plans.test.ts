import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DynamoIssuePlans } from '../../lambda/adapters/dynamo-issue-plans.ts';
import { epochSeconds, secondsAfter } from '../../lambda/domain/ids.ts';
import type { IssuePlans, StandingPlan } from '../../lambda/domain/ports.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { MemoryFileStore } from '../support/memory-file-store.ts';
import { MemoryIssuePlans } from '../support/memory-issue-plans.ts';
import { tokenId } from '../support/values.ts';

const NOW = new Date('2031-05-17T10:20:30.123Z');
const asset = new MemoryFileStore().offer('report.pdf');

const plans = [1, 2, 3].map((number): StandingPlan => {
  const issuedAt = new Date(NOW.getTime() + number);
  return {
    tokenIds: [tokenId(String(number).repeat(32))],
    issuedAt,
    expiresAt: secondsAfter(epochSeconds(issuedAt), 900),
    asset,
    digest: `digest ${number % 2}`,
    carriedOut: false,
  };
});

type Call = (store: IssuePlans) => Promise<unknown>;

const name = fc.constantFrom('one', 'other');
const named = fc.tuple(name, fc.constantFrom(...plans));
const call: fc.Arbitrary<Call> = fc.oneof(
  name.map(
    (one): Call =>
      (store) =>
        store.find(one),
  ),
  named.map(
    ([one, plan]): Call =>
      (store) =>
        store.settle(one, plan),
  ),
  named.map(
    ([one, plan]): Call =>
      (store) =>
        store.markCarriedOut(one, plan),
  ),
);

test('the in-memory plans return the same results as the DynamoDB adapter for any sequence of calls in one day', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 20 }), async (calls) => {
      const fake = new MemoryIssuePlans();
      const tables = new MemoryTables({ plans: 'requestName' });
      const real = new DynamoIssuePlans(tables.client(), { table: 'plans', clock: () => NOW });
      for (const one of calls) expect(await one(fake)).toEqual(await one(real));
    }),
    { numRuns: 300 },
  );
});
