import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { redeemedReceipt } from './redeemed-receipt.ts';

let dynamo: DynaliteServer;
let store: DynamoTokenStore;

beforeAll(async () => {
  dynamo = await startDynalite();
  store = new DynamoTokenStore(dynamo.client(), { tokenTable: 'tokens', receiptTable: 'receipts' });
});
afterAll(() => dynamo.close());

test('exactly one of 200 concurrent redeemers wins, in each of 20 rounds', async () => {
  for (let round = 0; round < 20; round += 1) {
    const tokenId = newTokenId('form');
    const receipts = Array.from({ length: 200 }, () => redeemedReceipt(tokenId));
    const standing = await Promise.all(receipts.map((receipt) => store.settle(receipt)));
    const winners = receipts.filter(({ redemptionId }, at) => standing[at]?.redemptionId === redemptionId);
    expect(winners).toHaveLength(1);
    expect(new Set(standing.map(({ redemptionId }) => redemptionId)).size).toBe(1);
  }
});
