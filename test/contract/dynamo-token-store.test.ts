import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import {
  type Cidr,
  newRedemptionId,
  newTokenId,
  secondsAfter,
  type TokenId,
} from '../../lambda/domain/ids.ts';
import { mintToken } from '../../lambda/domain/mint-token.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import { type DynaliteServer, startDynalite } from '../support/dynalite-server.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { assetName, secondsAt } from '../support/values.ts';
import { first } from './first-call.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');

let dynamo: DynaliteServer;
let store: DynamoTokenStore;
const tables = { tokenTable: 'tokens', receiptTable: 'receipts' };

beforeAll(async () => {
  dynamo = await startDynalite();
  store = new DynamoTokenStore(dynamo.client(), tables);
});
afterAll(() => dynamo.close());

function record(): TokenRecord {
  const name = assetName('report.pdf');
  return mintToken({
    tokenId: newTokenId('form'),
    asset: {
      name,
      key: 'gated/report.pdf',
      versionId: 'v1',
      fileName: 'report.pdf',
      type: 'application/pdf',
      size: 1,
    },
    issuedBy: 'public',
    issuedAt: NOW,
    expiresAt: secondsAfter(NOW, 900),
    open: 'confirm',
    delivery: 'stream',
    allowedCidrs: ['192.0.2.0/24' as Cidr],
  });
}

function redeemedReceipt(tokenId: TokenId): Receipt {
  return {
    kind: 'redeemed',
    tokenId,
    at: NOW,
    redemptionId: newRedemptionId(),
    asset: assetName('report.pdf'),
    issuedBy: 'public',
    removeAt: secondsAfter(NOW, 1000),
    sourceAddress: '192.0.2.1',
    userAgent: 'test',
  };
}

/** Runs `use` with a store behind a proxy. `decide` chooses the fault, if any, for each call. */
async function throughProxy<T>(decide: Decide, use: (store: DynamoTokenStore) => Promise<T>): Promise<T> {
  const proxy = await startFaultProxy(dynamo.url, decide);
  try {
    return await use(new DynamoTokenStore(dynamo.client(proxy.url), tables));
  } finally {
    await proxy.close();
  }
}

describe('the token store', () => {
  test('finds a stored record, and nothing for an unknown token', async () => {
    const put = record();
    await store.put(put);
    expect(await store.find(put.tokenId)).toEqual({ record: put });
    expect(await store.find(record().tokenId)).toEqual({});
  });

  test('does not overwrite a record', async () => {
    const put = record();
    await store.put(put);
    await store.put({ ...put, expiresAt: secondsAfter(put.expiresAt, 1) });
    expect(await store.find(put.tokenId)).toEqual({ record: put });
  });

  test('finds the receipt even if the record still exists', async () => {
    const put = record();
    const mine = redeemedReceipt(put.tokenId);
    await store.put(put);
    await store.settle(mine);
    expect(await store.find(put.tokenId)).toEqual({ record: put, receipt: mine });
  });

  test('finds many tokens in one call, and returns them in the order of the given IDs', async () => {
    const all = Array.from({ length: 20 }, record);
    for (const one of all) await store.put(one);
    const [first, , third] = all;
    if (first === undefined || third === undefined) throw new Error('no records');
    const mine = redeemedReceipt(first.tokenId);
    await store.settle(mine);
    await store.retire(first.tokenId);
    await store.settle(redeemedReceipt(third.tokenId));
    const found = await store.findAll([...all.map(({ tokenId }) => tokenId), record().tokenId]);
    expect(found.map((one) => one.record)).toEqual([undefined, ...all.slice(1), undefined]);
    expect(found[0]).toEqual({ receipt: mine });
    expect(found[2]?.receipt?.kind).toBe('redeemed');
    expect(found.at(-1)).toEqual({});
  });

  test('retires a record once, and reports it as gone the next time', async () => {
    const put = record();
    await store.put(put);
    expect(await store.retire(put.tokenId)).toBe('retired');
    expect(await store.retire(put.tokenId)).toBe('gone');
  });

  test('keeps the first receipt', async () => {
    const { tokenId } = record();
    const mine = redeemedReceipt(tokenId);
    expect(await store.settle(mine)).toEqual(mine);
    expect(await store.settle(redeemedReceipt(tokenId))).toEqual(mine);
    expect((await store.find(tokenId)).receipt).toEqual(mine);
  });

  test('lets exactly one of 20 concurrent redeemers win', async () => {
    const { tokenId } = record();
    const mine = Array.from({ length: 20 }, () => redeemedReceipt(tokenId));
    const standing = await Promise.all(mine.map((one) => store.settle(one)));
    const winners = standing.filter((one, index) => one.redemptionId === mine[index]?.redemptionId);
    expect(winners).toHaveLength(1);
    expect(new Set(standing.map((one) => one.redemptionId)).size).toBe(1);
  });

  test('reports a receipt as the winner if the response was lost and the SDK retried the put', async () => {
    const { tokenId } = record();
    const mine = redeemedReceipt(tokenId);
    const standing = await throughProxy(first('PutItem', 'lose-response'), (faulty) => faulty.settle(mine));
    expect(standing).toEqual(mine);
    expect(await store.settle(redeemedReceipt(tokenId))).toEqual(mine);
  });

  test('stores the receipt even if the first request was lost', async () => {
    const { tokenId } = record();
    const mine = redeemedReceipt(tokenId);
    expect(await throughProxy(first('PutItem', 'lose-request'), (faulty) => faulty.settle(mine))).toEqual(
      mine,
    );
  });

  test('stores a record even if the response is lost', async () => {
    const put = record();
    await throughProxy(first('PutItem', 'lose-response'), (faulty) => faulty.put(put));
    expect(await store.find(put.tokenId)).toEqual({ record: put });
  });

  test.each([
    ['down', () => ({ fate: 'lose-request' }) as const],
    ['silent', () => ({ fate: 'hang' }) as const],
    [
      'throttled',
      () =>
        ({
          fate: 'answer',
          status: 400,
          body: JSON.stringify({ __type: 'com.amazonaws.dynamodb.v20120810#ThrottlingException' }),
        }) as const,
    ],
    ['failing', () => ({ fate: 'answer', status: 500, body: '{}' }) as const],
  ])('throws Unavailable when the database is %s', async (_name, decide) => {
    await throughProxy(decide, async (faulty) => {
      await expect(faulty.find(record().tokenId)).rejects.toBeInstanceOf(Unavailable);
    });
  });

  test('does not report a missing permission as Unavailable', async () => {
    const body = JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException' });
    await throughProxy(
      () => ({ fate: 'answer', status: 400, body }),
      async (faulty) => {
        await expect(faulty.find(record().tokenId)).rejects.toMatchObject({ name: 'AccessDeniedException' });
      },
    );
  });

  test('throws Unavailable on a partial response, so that an unread receipt never looks like a missing one', async () => {
    const { tokenId } = record();
    const body = JSON.stringify({
      Responses: { tokens: [] },
      UnprocessedKeys: { receipts: { Keys: [{ tokenId: { S: tokenId } }] } },
    });
    await throughProxy(
      () => ({ fate: 'answer', status: 200, body }),
      async (faulty) => {
        await expect(faulty.find(tokenId)).rejects.toBeInstanceOf(Unavailable);
      },
    );
  });
});

describe('attempts to enter a presence code:', () => {
  const attempt = () => newRedemptionId();

  test('exactly five of 20 concurrent attempts are counted if the limit is five', async () => {
    const put = record();
    await store.put(put);
    const counts = await Promise.all(
      Array.from({ length: 20 }, () => store.countAttempt(put.tokenId, attempt(), 5)),
    );
    expect(counts.filter((count) => count !== 'refused').sort()).toEqual([1, 2, 3, 4, 5]);
  });

  test('forgetting an attempt, even twice, makes room for another one', async () => {
    const put = record();
    await store.put(put);
    const [mine, other] = [attempt(), attempt()];
    await store.countAttempt(put.tokenId, mine, 1);
    expect(await store.countAttempt(put.tokenId, other, 1)).toBe('refused');
    await store.forgetAttempt(put.tokenId, mine);
    await store.forgetAttempt(put.tokenId, mine);
    expect(await store.countAttempt(put.tokenId, other, 1)).toBe(1);
    expect((await store.find(put.tokenId)).record).toEqual({ ...put, codeAttempts: new Set([other]) });
  });

  test('an attempt is counted once if the response is lost, even if it is the last one allowed', async () => {
    const put = record();
    await store.put(put);
    const decide = first('UpdateItem', 'lose-response');
    expect(await throughProxy(decide, (lossy) => lossy.countAttempt(put.tokenId, attempt(), 1))).toBe(1);
  });

  test('an attempt for a missing record is refused and creates no record', async () => {
    const { tokenId } = record();
    expect(await store.countAttempt(tokenId, attempt(), 5)).toBe('refused');
    await store.forgetAttempt(tokenId, attempt());
    expect(await store.find(tokenId)).toEqual({});
  });
});
