import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { newRedemptionId, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import type { Receipt } from '../../lambda/domain/records.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { assetName, secondsAt } from '../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');

let dynamo: DynaliteServer;
let store: DynamoTokenStore;

beforeAll(async () => {
  dynamo = await startDynalite();
  store = new DynamoTokenStore(dynamo.client(), { tokenTable: 'tokens', receiptTable: 'receipts' });
});
afterAll(() => dynamo.close());

test('one of 200 redeemers who settle at once wins, in each of 20 rounds', async () => {
  for (let round = 0; round < 20; round += 1) {
    const tokenId = newTokenId('form');
    const receipts = Array.from(
      { length: 200 },
      (): Receipt => ({
        kind: 'redeemed',
        tokenId,
        at: NOW,
        redemptionId: newRedemptionId(),
        asset: assetName('report.pdf'),
        issuedBy: 'public',
        removeAt: secondsAfter(NOW, 1000),
        sourceAddress: '192.0.2.1',
        userAgent: 'test',
      }),
    );
    const standing = await Promise.all(receipts.map((receipt) => store.settle(receipt)));
    const winners = receipts.filter(({ redemptionId }, at) => standing[at]?.redemptionId === redemptionId);
    expect(winners).toHaveLength(1);
    expect(new Set(standing.map(({ redemptionId }) => redemptionId)).size).toBe(1);
  }
});
