import { beforeEach, describe, expect, test } from '@jest/globals';
import { type RedeemDependencies, redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds, type RedemptionId } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
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

describe('step 1: the token is checked', () => {
  test('a malformed token is refused without a call to KMS, DynamoDB, or S3', async () => {
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
    expectNothingSpent(world, record);
  });

  test('a token with a wrong signature is refused before any row is read', async () => {
    const calls: string[] = [];
    const last = token.endsWith('A') ? 'B' : 'A';
    const refused = await redeem(
      { store: noted(world.store, 'store', calls) },
      { token: token.slice(0, -1) + last },
    );
    expect(refused).toEqual({ ok: false, error: { code: 'invalid_token' } });
    expect(calls).toEqual([]);
  });

  test('an expired token is refused with the time of its expiry, before any row is read', async () => {
    world.time.advance(900);
    const calls: string[] = [];
    const refused = await redeem({ store: noted(world.store, 'store', calls) });
    expect(refused).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'offered' },
    });
    expect(calls).toEqual([]);
    expectNothingSpent(world, record);
  });

  test('the token is not spent if KMS is down', async () => {
    const error = new Unavailable('kms', 'down');
    await expect(redeem({ keys: faulty(world.keys, 'keyFor', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
    expectNothingSpent(world, record);
  });
});

describe('step 2: the receipt and the record are read', () => {
  test('a redeemed token is refused with the time of the redemption', async () => {
    const first = epochSeconds(world.clock());
    expect((await redeem()).ok).toBe(true);
    world.time.advance(60);
    expect(await redeem()).toEqual({
      ok: false,
      error: { code: 'token_redeemed', at: first, renewal: 'offered' },
    });
  });

  test('a revoked token is refused with the time of the revocation', async () => {
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

  test('a token with a receipt is refused even if a backup has restored its record', async () => {
    expect((await redeem()).ok).toBe(true);
    world.store.records.set(record.tokenId, record);
    expect(await redeem()).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(world.ledger.later).toHaveLength(1);
  });

  test('a genuine token without a record is refused as unknown', async () => {
    world.store.records.clear();
    expect(await redeem()).toEqual({ ok: false, error: { code: 'token_unknown' } });
    expect(world.store.receipts.size).toBe(0);
  });

  test.each([new Unavailable('token store', 'throttled'), new TypeError('a defect')])(
    'the token is not spent if reading the rows fails with %s',
    async (error) => {
      await expect(redeem({ store: faulty(world.store, 'find', { lose: 'request', error }) })).rejects.toBe(
        error,
      );
      expectNothingSpent(world, record);
    },
  );
});

describe('step 3: confirmation is checked', () => {
  test('a GET of a mailed link is referred to the confirmation page before the file is looked up', async () => {
    const calls: string[] = [];
    const sentOn = await redeem({ files: noted(world.files, 'files', calls) }, { opening: 'direct' });
    expect(sentOn).toEqual({ ok: false, error: { code: 'confirm_first' } });
    expect(calls).toEqual([]);
    expectNothingSpent(world, record);
  });

  test.each(['direct', 'confirm'] as const)(
    'a link that opens directly can be redeemed with the opening "%s"',
    async (opening) => {
      const direct = await putMailedRecord(world, { open: 'direct' });
      expect((await redeem({}, { token: tokenOf(world, direct), opening })).ok).toBe(true);
    },
  );

  test('a direct redemption of a redeemed link is refused as redeemed, not referred to the confirmation page', async () => {
    await redeem();
    expect(await redeem({}, { opening: 'direct' })).toMatchObject({ error: { code: 'token_redeemed' } });
  });
});

describe('step 4: the file is looked up', () => {
  test('a link to a missing file is refused, and works again once the file is back', async () => {
    world.files.remove('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'asset_missing' } });
    expectNothingSpent(world, record);
    world.files.offer('report.pdf');
    expect((await redeem()).ok).toBe(true);
  });

  test('the redemption of a link to an archived file can be retried in an hour', async () => {
    world.files.archive('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expectNothingSpent(world, record);
  });

  test('an API link redeems only the version of the file that it was issued for', async () => {
    record = await putMailedRecord(world, { issuedBy: 'arn:aws:iam::111122223333:role/reports' });
    token = tokenOf(world, record);
    world.files.offer('report.pdf');
    expect(await redeem()).toEqual({ ok: false, error: { code: 'asset_changed' } });
    expectNothingSpent(world, record);
    world.files.reinstate(record.asset);
    expect((await redeem()).ok).toBe(true);
  });

  test.each([new Unavailable('file store', 'slow'), new TypeError('a defect')])(
    'the token is not spent if looking up the file fails with %s',
    async (error) => {
      const files = faulty(world.files, 'head', { lose: 'request', error });
      await expect(redeem({ files })).rejects.toBe(error);
      expectNothingSpent(world, record);
    },
  );
});

describe('step 5: the URL is signed', () => {
  test.each([new Unavailable('file store', 'no credentials'), new TypeError('a defect')])(
    'the token is not spent if signing the URL fails with %s',
    async (error) => {
      const files = faulty(world.files, 'presign', { lose: 'request', error });
      await expect(redeem({ files })).rejects.toBe(error);
      expectNothingSpent(world, record);
    },
  );
});
