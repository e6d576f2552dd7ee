import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import type { RedemptionId } from '../../lambda/domain/ids.ts';
import { newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import { mintToken } from '../../lambda/domain/mint-token.ts';
import type { TokenStore } from '../../lambda/domain/ports.ts';
import type { Receipt } from '../../lambda/domain/records.ts';
import { MemoryTables } from '../support/dynamo/memory-tables.ts';
import { MemoryFileStore } from '../support/memory-file-store.ts';
import { MemoryTokenStore } from '../support/memory-token-store.ts';
import { secondsAt } from '../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const asset = new MemoryFileStore().offer('report.pdf');
const records = [10, 20].map((lifetimeSeconds) =>
  mintToken({
    tokenId: newTokenId('form'),
    asset,
    issuedBy: 'public',
    issuedAt: NOW,
    expiresAt: secondsAfter(NOW, lifetimeSeconds),
    open: 'confirm',
    delivery: 'redirect',
  }),
);
const receipts = records.flatMap(({ tokenId, issuedBy }) =>
  ['first', 'second'].map(
    (attempt): Receipt => ({
      kind: 'revoked',
      tokenId,
      at: NOW,
      redemptionId: attempt as RedemptionId,
      asset: asset.name,
      issuedBy,
      removeAt: secondsAfter(NOW, 100),
      revokedBy: 'arn:aws:iam::111122223333:role/operator',
    }),
  ),
);

type Call = (store: TokenStore) => Promise<unknown>;

const record = fc.constantFrom(...records);
const call: fc.Arbitrary<Call> = fc.oneof(
  record.map(
    (one): Call =>
      (store) =>
        store.put(one),
  ),
  record.map(
    (one): Call =>
      (store) =>
        store.find(one.tokenId),
  ),
  record.map(
    (one): Call =>
      (store) =>
        store.retire(one.tokenId),
  ),
  fc.constantFrom(...receipts).map(
    (one): Call =>
      (store) =>
        store.settle(one),
  ),
);

test('the in-memory token store returns the same results as the DynamoDB adapter for any sequence of calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 20 }), async (calls) => {
      const fake = new MemoryTokenStore();
      const tables = new MemoryTables({ tokens: 'tokenId', receipts: 'tokenId' });
      const real = new DynamoTokenStore(tables.client(), { tokenTable: 'tokens', receiptTable: 'receipts' });
      for (const one of calls) expect(await one(fake)).toEqual(await one(real));
    }),
    { numRuns: 300 },
  );
});
