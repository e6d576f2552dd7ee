import { beforeEach, describe, expect, test } from '@jest/globals';
import { type RedeemDependencies, redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../../lambda/domain/records.ts';
import type { RedeemRequest } from '../../../lambda/domain/redemption.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { expectNothingSpent } from './nothing-spent.ts';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const redeem = (deps: Partial<RedeemDependencies> = {}, request: Partial<RedeemRequest> = {}) =>
  redeemToken({ ...world, ...deps }, redeemRequest(token, request));

const storedReceipt = (): Receipt | undefined => world.store.receipts.get(record.tokenId);

describe('a successful redemption', () => {
  test('a redemption returns a URL that opens the current version of the file for downloadSeconds', async () => {
    const newest = world.files.offer('report.pdf', { size: 4096 });
    const redeemed = await redeem({ downloadSeconds: 45 });
    if (!redeemed.ok) throw new Error('not redeemed');
    expect(redeemed.value.asset).toEqual(newest);
    expect(redeemed.value.record).toEqual(record);
    const url = new URL(redeemed.value.url);
    expect(url.pathname).toBe('/gated/report.pdf');
    expect(url.searchParams.get('versionId')).toBe(newest.versionId);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('45');
    expect(url.searchParams.get('x-redemption-id')).toBe(storedReceipt()?.redemptionId);
    expect(redeemed.value.urlExpiresAt).toBe(epochSeconds(world.clock()) + 45);
  });

  test('a redemption replaces the record with a receipt that has the time, file, source, and user agent', async () => {
    await redeem();
    expect(storedReceipt()).toEqual({
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

  test('a redemption appends one ledger entry, with a pseudonym instead of the address', async () => {
    await redeem();
    expect(world.ledger.later).toEqual([
      {
        event: 'redeemed',
        redemptionId: storedReceipt()?.redemptionId,
        tokenId: record.tokenId,
        at: new Date('2031-05-17T10:20:30Z'),
        asset: 'report.pdf',
        pseudonym: record.recipient?.pseudonym,
      },
    ]);
    expect(JSON.stringify(world.ledger.later)).not.toContain('@');
  });

  test('a redemption stores neither the token nor the URL', async () => {
    const redeemed = await redeem();
    if (!redeemed.ok) throw new Error('not redeemed');
    const stored = JSON.stringify([...world.store.receipts.values(), world.ledger.later, world.incidents]);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(redeemed.value.url);
    expect(stored).not.toContain('X-Amz-Signature');
  });

  test('a redemption makes every check before it writes the receipt, and then deletes the record', async () => {
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

  test('a token can be redeemed in the last second of its lifetime', async () => {
    world.time.advance(899);
    expect((await redeem()).ok).toBe(true);
  });
});

describe('step 6: the receipt decides', () => {
  test('a token that expires while the file is being looked up is not redeemed', async () => {
    const files = faulty(world.files, 'head', { lose: 'request', error: new Error(), times: 0 });
    const slow: RedeemDependencies['files'] = {
      presign: (...signed) => files.presign(...signed),
      head: async (name) => {
        world.time.advance(900);
        return await files.head(name);
      },
    };
    expect(await redeem({ files: slow })).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'offered' },
    });
    expectNothingSpent(world, record);
  });

  test('one of 50 simultaneous redemptions wins, and the others get the time of the redemption', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => redeem()));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const at = epochSeconds(world.clock());
    for (const result of results) {
      if (!result.ok) expect(result.error).toEqual({ code: 'token_redeemed', at, renewal: 'offered' });
    }
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('a redemption succeeds if the response to writing the receipt is lost', async () => {
    const error = new Unavailable('token store', 'timed out');
    const store = faulty(world.store, 'settle', { lose: 'response', error, times: 1 });
    expect((await redeem({ store })).ok).toBe(true);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('a redemption succeeds if the first request to write the receipt is lost', async () => {
    const error = new Unavailable('token store', 'connection reset');
    const store = faulty(world.store, 'settle', { lose: 'request', error, times: 1 });
    expect((await redeem({ store })).ok).toBe(true);
    expect(world.store.receipts.size).toBe(1);
  });

  test('nobody gets the file if we cannot tell whether the receipt was written', async () => {
    const error = new Unavailable('token store', 'timed out');
    await expect(redeem({ store: faulty(world.store, 'settle', { lose: 'response', error }) })).rejects.toBe(
      error,
    );
    expect(world.store.receipts.size).toBe(1);
    expect(world.ledger.later).toEqual([]);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
  });

  test('writing the receipt is not retried after an unexpected error', async () => {
    const error = new TypeError('a defect');
    const store = faulty(world.store, 'settle', { lose: 'request', error, times: 1 });
    await expect(redeem({ store })).rejects.toBe(error);
    expectNothingSpent(world, record);
  });
});

describe('steps 7 and 8: deleting the record and writing the ledger', () => {
  const error = new Unavailable('token store', 'down');

  test('a redemption succeeds and reports an incident if the record cannot be deleted', async () => {
    const store = faulty(world.store, 'retire', { lose: 'request', error });
    expect((await redeem({ store })).ok).toBe(true);
    expect(world.incidents).toEqual([{ incident: 'retire-failed', tokenId: record.tokenId }]);
    expect(world.store.records.size).toBe(1);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.ledger.later).toHaveLength(1);
  });

  test('a redemption succeeds and reports an incident if the ledger cannot be written', async () => {
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    expect((await redeem({ ledger })).ok).toBe(true);
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
    expect(world.store.records.size).toBe(0);
  });

  test.each(['retire', 'append'] as const)(
    'a redemption succeeds and reports an incident if %s() throws an unexpected error',
    async (method) => {
      const defect = { lose: 'request', error: new TypeError('a defect') } as const;
      const deps =
        method === 'retire'
          ? { store: faulty(world.store, method, defect) }
          : { ledger: faulty(world.ledger, method, defect) };
      expect((await redeem(deps)).ok).toBe(true);
      expect(world.incidents).toHaveLength(1);
    },
  );
});
