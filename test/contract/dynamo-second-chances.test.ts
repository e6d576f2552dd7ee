import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoSecondChances } from '../../lambda/adapters/dynamo-second-chances.ts';
import { epochSeconds, newRedemptionId, newTokenId, secondsAfter } from '../../lambda/domain/ids.ts';
import { mintToken } from '../../lambda/domain/mint-token.ts';
import type { SecondChance } from '../../lambda/domain/second-chance.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { MemoryFileStore } from '../support/memory-file-store.ts';
import { first } from './first-call.ts';

let dynamo: DynaliteServer;
beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());
const later = afterwards();

const NOW = epochSeconds(new Date('2031-05-17T10:20:30Z'));

const chances = (url?: string) => new DynamoSecondChances(dynamo.client(url), 'quota');

function newChance(secret = 'a'): SecondChance {
  const tokenId = newTokenId('form');
  const record = mintToken({
    tokenId,
    asset: new MemoryFileStore().offer('report.pdf'),
    issuedBy: 'public',
    issuedAt: NOW,
    expiresAt: secondsAfter(NOW, 900),
    open: 'confirm',
    delivery: 'redirect',
  });
  const secretSha256 = secret.repeat(64);
  const redemptionId = newRedemptionId();
  return {
    ...{ tokenId, record, redemptionId, secretSha256 },
    versionId: 'v1',
    used: 0,
    expiresAt: secondsAfter(NOW, 600),
  };
}

async function given(): Promise<SecondChance> {
  const chance = newChance();
  expect(await chances().put(chance)).toBe('put');
  return chance;
}

describe('second chances in DynamoDB:', () => {
  test('a stored second chance is read back unchanged', async () => {
    const chance = await given();
    expect(await chances().find(chance.tokenId)).toMatchObject(chance);
    expect(await chances().find(newTokenId('form'))).toBeUndefined();
  });

  test('a second put for the same token is refused and changes nothing', async () => {
    const chance = await given();
    expect(await chances().put({ ...chance, secretSha256: 'b'.repeat(64) })).toBe('refused');
    expect(await chances().find(chance.tokenId)).toMatchObject(chance);
  });

  test('only one of 20 reissues that read the same row is counted, and none is counted after the expiry', async () => {
    const chance = await given();
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => chances().take(chance, newRedemptionId(), NOW)),
    );
    expect(taken.filter((one) => one === 'taken')).toHaveLength(1);
    const read = { ...chance, used: 1 };
    expect(await chances().find(chance.tokenId)).toMatchObject({ used: 1 });
    expect(await chances().take(read, newRedemptionId(), chance.expiresAt)).toBe('refused');
    expect(await chances().take(read, newRedemptionId(), secondsAfter(chance.expiresAt, -1))).toBe('taken');
  });

  test('a reissue without a stored second chance is refused', async () => {
    const chance = newChance();
    expect(await chances().take(chance, newRedemptionId(), NOW)).toBe('refused');
    expect(await chances().find(chance.tokenId)).toBeUndefined();
  });

  test.each(['PutItem', 'UpdateItem'])(
    'a retry of %s after a lost response is recognized',
    async (operation) => {
      const chance = newChance();
      const proxy = await startFaultProxy(dynamo.url, first(operation, 'lose-response'));
      later(proxy.close);
      const table = chances(proxy.url);
      expect(await table.put(chance)).toBe('put');
      expect(await table.take(chance, newRedemptionId(), NOW)).toBe('taken');
      expect(await chances().find(chance.tokenId)).toMatchObject({ used: 1 });
    },
  );

  test('ending a second chance prevents reissues, and prevents the second chance from being stored later', async () => {
    const chance = await given();
    await chances().end(chance.tokenId, chance.expiresAt);
    expect(await chances().take(chance, newRedemptionId(), NOW)).toBe('refused');

    const late = newChance();
    await chances().end(late.tokenId, late.expiresAt);
    expect(await chances().put(late)).toBe('refused');
    const Key = { counter: `again/${late.tokenId}` };
    const { Item } = await dynamo.client().send(new GetCommand({ TableName: 'quota', Key }));
    expect(Item).toEqual({ ...Key, ended: true, expiresAt: late.expiresAt });
  });
});
