import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds, type RedemptionId } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
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

describe('step 1: the token itself', () => {
  test('refuses a token that is not genuine without asking for a key, a row or a file', async () => {
    const calls: string[] = [];
    const refused = await redeem(
      {
        keys: noted(world.keys, 'keys', calls),
        store: noted(world.store, 'store', calls),
        files: noted(world.files, 'files', calls),
      },
      { token: token.slice(0, -1) },
    );
    expect(refused).toEqual({ ok: false, error: { code: 'invalid_token' } });
    expect(calls).toEqual([]);
    expectNothingSpent();
  });

  test('refuses a token that was tampered with before any row is read', async () => {
    const calls: string[] = [];
    const last = token.endsWith('A') ? 'B' : 'A';
    const refused = await redeem(
      { store: noted(world.store, 'store', calls) },
      { token: token.slice(0, -1) + last },
    );
    expect(refused).toEqual({ ok: false, error: { code: 'invalid_token' } });
    expect(calls).toEqual([]);
  });

  test('refuses an expired token from its first second on, with the time, before any row is read', async () => {
    world.time.advance(900);
    const calls: string[] = [];
    const refused = await redeem({ store: noted(world.store, 'store', calls) });
    expect(refused).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'none' },
    });
    expect(calls).toEqual([]);
    expectNothingSpent();
  });

  test('spends nothing when the key cannot be derived now', async () => {
    const error = new Unavailable('kms', 'down');
    await expect(redeem({ keys: faulty(world.keys, 'keyFor', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
    expectNothingSpent();
  });
});

describe('step 2: what is known of it', () => {
  test('refuses a token that was redeemed, with the time it happened', async () => {
    const first = epochSeconds(world.clock());
    expect((await redeem()).ok).toBe(true);
    world.time.advance(60);
    expect(await redeem()).toEqual({
      ok: false,
      error: { code: 'token_redeemed', at: first, renewal: 'offered' },
    });
  });

  test('refuses a token that was revoked, with the time it happened', async () => {
    const at = epochSeconds(world.clock());
    await world.store.settle({
      kind: 'revoked',
      tokenId: record.tokenId,
      at,
      redemptionId: 'the revocation' as RedemptionId,
      asset: record.asset.name,
      issuedBy: 'public',
      revokedBy: 'arn:aws:iam::111122223333:role/operator',
      removeAt: record.expiresAt,
    });
    expect(await redeem()).toEqual({ ok: false, error: { code: 'token_revoked', at } });
    expect(world.store.receipts.size).toBe(1);
  });

  test('lets the receipt win over a record that a backup brought back', async () => {
    expect((await redeem()).ok).toBe(true);
    world.store.records.set(record.tokenId, record);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.ledger.later).toHaveLength(1);
  });

  test('refuses a genuine token whose record is not there', async () => {
    world.store.records.clear();
    expect(await redeem()).toEqual({ ok: false, error: { code: 'token_unknown' } });
    expect(world.store.receipts.size).toBe(0);
  });

  test.each([new Unavailable('token store', 'throttled'), new TypeError('a defect')])(
    'spends nothing when the tables cannot be read: %s',
    async (error) => {
      await expect(redeem({ store: faulty(world.store, 'find', { lose: 'request', error }) })).rejects.toBe(
        error,
      );
      expectNothingSpent();
    },
  );
});

describe('step 3: the opening', () => {
  test('sends a GET of a mailed link on to its page, before the file is looked at, and spends nothing', async () => {
    const calls: string[] = [];
    const sentOn = await redeem({ files: noted(world.files, 'files', calls) }, { opening: 'direct' });
    expect(sentOn).toEqual({ ok: false, error: { code: 'confirm_first' } });
    expect(calls).toEqual([]);
    expectNothingSpent();
  });

  test.each(['direct', 'confirm'] as const)('lets a link for programs be opened by %s', async (opening) => {
    const direct = await putMailedRecord(world, { open: 'direct' });
    expect((await redeem({}, { token: tokenOf(world, direct), opening })).ok).toBe(true);
  });

  test('tells a program that its link was redeemed before anything about its opening', async () => {
    await redeem();
    expect(await redeem({}, { opening: 'direct' })).toMatchObject({ error: { code: 'token_redeemed' } });
  });
});

describe('step 4: the file', () => {
  test('refuses when the file is gone, and works again once it is back', async () => {
    world.files.remove('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'asset_missing' } });
    expectNothingSpent();
    world.files.offer('report.pdf');
    expect((await redeem()).ok).toBe(true);
  });

  test('is unavailable for an hour while the file is archived', async () => {
    world.files.archive('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expectNothingSpent();
  });

  test('refuses another version than the one a signed caller issued the link for', async () => {
    record = await putMailedRecord(world, { issuedBy: 'arn:aws:iam::111122223333:role/reports' });
    token = tokenOf(world, record);
    world.files.offer('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'asset_changed' } });
    expectNothingSpent();
    world.files.reinstate(record.asset);
    expect((await redeem()).ok).toBe(true);
  });

  test.each([new Unavailable('file store', 'slow'), new TypeError('a defect')])(
    'spends nothing when the file cannot be looked at: %s',
    async (error) => {
      const files = faulty(world.files, 'head', { lose: 'request', error });
      await expect(redeem({ files })).rejects.toBe(error);
      expectNothingSpent();
    },
  );
});

describe('step 5: the URL', () => {
  test.each([new Unavailable('file store', 'no credentials'), new TypeError('a defect')])(
    'spends nothing when the URL cannot be signed: %s',
    async (error) => {
      const files = faulty(world.files, 'presign', { lose: 'request', error });
      await expect(redeem({ files })).rejects.toBe(error);
      expectNothingSpent();
    },
  );
});
