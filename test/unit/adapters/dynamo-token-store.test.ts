import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from '@jest/globals';
import { DynamoTokenStore } from '../../../lambda/adapters/dynamo-token-store.ts';
import { newRedemptionId } from '../../../lambda/domain/ids.ts';
import type { Receipt } from '../../../lambda/domain/records.ts';
import { documentClient, MemoryTables } from '../../support/dynamo/memory-tables.ts';
import { createMemoryWorld, putMailedRecord } from '../../support/memory-world.ts';

const NAMES = { tokenTable: 'tokens', receiptTable: 'receipts' };

test('the token store finds the receipt of a token that is redeemed while its two rows are being read', async () => {
  const record = await putMailedRecord(createMemoryWorld());
  const { tokenId, issuedAt, expiresAt, issuedBy } = record;
  const receipt: Receipt = {
    kind: 'redeemed',
    tokenId,
    at: issuedAt,
    redemptionId: newRedemptionId(),
    asset: record.asset.name,
    issuedBy,
    removeAt: expiresAt,
    sourceAddress: '192.0.2.7',
    userAgent: '',
  };
  const tables = new MemoryTables({ tokens: 'tokenId', receipts: 'tokenId' });
  const somebodyElse = new DynamoTokenStore(tables.client(), NAMES);
  await somebodyElse.put(record);

  // BatchGetItem is not atomic. Here, it reads the receipt before the redemption and the record after it.
  let redeemed = false;
  const client = documentClient(async (command) => {
    const response = tables.execute(command) as { Responses?: object };
    if (redeemed || !(command instanceof BatchGetCommand)) return response;
    redeemed = true;
    await somebodyElse.settle(receipt);
    await somebodyElse.retire(tokenId);
    return { Responses: { ...response.Responses, tokens: [] } };
  });

  expect(await new DynamoTokenStore(client, NAMES).find(tokenId)).toEqual({ receipt });
});
