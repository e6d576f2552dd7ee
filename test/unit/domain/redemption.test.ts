import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../../lambda/domain/records.ts';
import {
  type RedeemDependencies,
  type RedeemRequest,
  redeemToken,
} from '../../../lambda/domain/redemption.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const redeem = (deps: Partial<RedeemDependencies> = {}, request: Partial<RedeemRequest> = {}) =>
  redeemToken(
    { ...world, ...deps },
    { token, opening: 'confirm', sourceAddress: '192.0.2.7', userAgent: 'Browser/1.0', ...request },
  );

/** The token is as it was: its record stands, and nothing says that it ended. */
function expectNothingSpent(): void {
  expect(world.store.records.get(record.tokenId)).toEqual(record);
  expect(world.store.receipts.size).toBe(0);
  expect(world.ledger.later).toEqual([]);
}

const standingReceipt = (): Receipt | undefined => world.store.receipts.get(record.tokenId);

describe('a redemption that succeeds', () => {
  test('gives a URL of the file as it is now, for the configured seconds', async () => {
    const newest = world.files.offer('report.pdf', { size: 4096 });
    const redeemed = await redeem({ downloadSeconds: 45 });
    if (!redeemed.ok) throw new Error('not redeemed');
    expect(redeemed.value.asset).toEqual(newest);
    expect(redeemed.value.record).toEqual(record);
    const url = new URL(redeemed.value.url);
    expect(url.pathname).toBe('/gated/report.pdf');
    expect(url.searchParams.get('versionId')).toBe(newest.versionId);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('45');
    expect(redeemed.value.urlExpiresAt).toBe(epochSeconds(world.clock()) + 45);
  });

  test('leaves one receipt that says when, what, from where and with what, and no record', async () => {
    await redeem();
    expect(standingReceipt()).toEqual({
      kind: 'redeemed',
      tokenId: record.tokenId,
      at: epochSeconds(world.clock()),
      redemptionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      asset: 'report.pdf',
      issuedBy: 'public',
      sourceAddress: '192.0.2.7',
      userAgent: 'Browser/1.0',
      removeAt: epochSeconds(world.clock()) + 400 * 86_400,
    });
    expect(world.store.records.size).toBe(0);
  });

  test('leaves one line in the ledger, with a pseudonym and no address', async () => {
    await redeem();
    expect(world.ledger.later).toEqual([
      {
        event: 'redeemed',
        redemptionId: standingReceipt()?.redemptionId,
        tokenId: record.tokenId,
        at: new Date('2031-05-17T10:20:30Z'),
        asset: 'report.pdf',
        pseudonym: record.recipient?.pseudonym,
      },
    ]);
    expect(JSON.stringify(world.ledger.later)).not.toContain('@');
  });

  test('stores neither the token nor the URL anywhere', async () => {
    const redeemed = await redeem();
    if (!redeemed.ok) throw new Error('not redeemed');
    const stored = JSON.stringify([...world.store.receipts.values(), world.ledger.later, world.incidents]);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(redeemed.value.url);
    expect(stored).not.toContain('X-Amz-Signature');
  });

  test('checks everything before the receipt, and retires the record after it', async () => {
    const calls: string[] = [];
    await redeem({
      keys: noted(world.keys, 'keys', calls),
      store: noted(world.store, 'store', calls),
      files: noted(world.files, 'files', calls),
      ledger: noted(world.ledger, 'ledger', calls),
    });
    expect(calls.slice(0, 5)).toEqual([
      'keys.keyFor',
      'store.find',
      'files.head',
      'files.presign',
      'store.settle',
    ]);
    expect(calls.slice(5).sort()).toEqual(['ledger.append', 'store.retire']);
  });

  test('may happen in the last second of the lifetime', async () => {
    world.time.advance(899);
    expect((await redeem()).ok).toBe(true);
  });
});

describe('step 6: the receipt decides', () => {
  test('refuses when the token expired while the file was looked at', async () => {
    const files = faulty(world.files, 'head', { lose: 'request', error: new Error(), times: 0 });
    const slow: RedeemDependencies['files'] = {
      presign: (asset, seconds) => files.presign(asset, seconds),
      head: async (name) => {
        world.time.advance(900);
        return await files.head(name);
      },
    };
    expect(await redeem({ files: slow })).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'offered' },
    });
    expectNothingSpent();
  });

  test('has one winner of any number who try at once, and tells the others when', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => redeem()));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const at = epochSeconds(world.clock());
    for (const result of results) {
      if (!result.ok) expect(result.error).toEqual({ code: 'token_redeemed', at, renewal: 'offered' });
    }
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('gives the file to the caller whose answer was lost after the receipt was put', async () => {
    const error = new Unavailable('token store', 'timed out');
    const store = faulty(world.store, 'settle', { lose: 'answer', error, times: 1 });
    expect((await redeem({ store })).ok).toBe(true);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('gives the file to the caller whose first request for the receipt was lost', async () => {
    const error = new Unavailable('token store', 'connection reset');
    const store = faulty(world.store, 'settle', { lose: 'request', error, times: 1 });
    expect((await redeem({ store })).ok).toBe(true);
    expect(world.store.receipts.size).toBe(1);
  });

  test('gives nobody the file when it stays unknown whether the receipt was put', async () => {
    const error = new Unavailable('token store', 'timed out');
    await expect(redeem({ store: faulty(world.store, 'settle', { lose: 'answer', error }) })).rejects.toBe(
      error,
    );
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toEqual([]);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
  });

  test('does not try a second time after a defect', async () => {
    const error = new TypeError('a defect');
    const store = faulty(world.store, 'settle', { lose: 'request', error, times: 1 });
    await expect(redeem({ store })).rejects.toBe(error);
    expectNothingSpent();
  });
});

describe('steps 7 and 8: what follows cannot change the outcome', () => {
  const error = new Unavailable('token store', 'down');

  test('gives the file although the record could not be deleted, and says so', async () => {
    const store = faulty(world.store, 'retire', { lose: 'request', error });
    expect((await redeem({ store })).ok).toBe(true);
    expect(world.incidents).toEqual([{ incident: 'retire-failed', tokenId: record.tokenId }]);
    expect(world.store.records.size).toBe(1);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.ledger.later).toHaveLength(1);
  });

  test('gives the file although the ledger could not be written, and says so', async () => {
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    expect((await redeem({ ledger })).ok).toBe(true);
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
    expect(world.store.records.size).toBe(0);
  });

  test.each(['retire', 'append'] as const)('survives a defect in %s as well', async (method) => {
    const defect = { lose: 'request', error: new TypeError('a defect') } as const;
    const deps =
      method === 'retire'
        ? { store: faulty(world.store, method, defect) }
        : { ledger: faulty(world.ledger, method, defect) };
    expect((await redeem(deps)).ok).toBe(true);
    expect(world.incidents).toHaveLength(1);
  });
});
