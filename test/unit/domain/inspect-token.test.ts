import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { type InspectDependencies, inspectToken } from '../../../lambda/domain/inspect-token.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';

const CALLER = 'arn:aws:iam::111122223333:role/reports';

let world: MemoryWorld;
let record: TokenRecord;
let token: string;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
  token = tokenOf(world, record);
});

const inspect = (deps: Partial<InspectDependencies> = {}, text = token) =>
  inspectToken({ ...world, ...deps }, text, '192.0.2.7');
const redeem = () => redeemToken(world, redeemRequest(token));

describe('inspecting a token', () => {
  test('inspecting a live token returns its record, up to the last second of its lifetime', async () => {
    expect(await inspect()).toEqual({ ok: true, value: record });
    world.time.advance(899);
    expect(await inspect()).toEqual({ ok: true, value: record });
  });

  test('a token can be inspected any number of times without being spent', async () => {
    const calls: string[] = [];
    const store = noted(world.store, 'store', calls);
    for (let i = 0; i < 20; i += 1) await inspect({ store });
    expect(new Set(calls)).toEqual(new Set(['store.find']));
    expect((await redeem()).ok).toBe(true);
  });

  test('inspecting a redeemed token returns the time of the redemption', async () => {
    const at = epochSeconds(world.clock());
    await redeem();
    world.time.advance(30);
    expect(await inspect()).toEqual({ ok: false, error: { code: 'token_redeemed', at, renewal: 'offered' } });
  });

  test('inspecting a revoked token returns the time of the revocation', async () => {
    await revokeToken(world, record.tokenId, { by: CALLER, reach: { kind: 'all' } });
    expect(await inspect()).toEqual({
      ok: false,
      error: { code: 'token_revoked', at: epochSeconds(world.clock()) },
    });
  });

  test('inspecting an expired token returns the time of its expiry, even after its row is gone', async () => {
    world.time.advance(900);
    expect(await inspect()).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'offered' },
    });
    world.store.records.clear();
    expect(await inspect()).toEqual({
      ok: false,
      error: { code: 'token_expired', at: record.expiresAt, renewal: 'offered' },
    });
  });

  test('an expired API link cannot be renewed', async () => {
    record = await putMailedRecord(world, { issuedBy: CALLER });
    token = tokenOf(world, record);
    world.time.advance(900);
    expect(await inspect()).toMatchObject({ error: { code: 'token_expired', renewal: 'none' } });
    world.store.records.clear();
    expect(await inspect()).toMatchObject({ error: { code: 'token_expired', renewal: 'none' } });
  });

  test('a redeemed token stays redeemed after its expiry', async () => {
    await redeem();
    world.time.advance(900);
    expect(await inspect()).toMatchObject({ error: { code: 'token_redeemed', renewal: 'offered' } });
  });

  test('inspecting an invalid token reveals nothing and reads nothing', async () => {
    const calls: string[] = [];
    const store = noted(world.store, 'store', calls);
    for (const text of ['', 'tvm_', token.slice(0, -1), `${token.slice(0, -2)}AA`, record.tokenId]) {
      expect(await inspect({ store }, text)).toEqual({ ok: false, error: { code: 'invalid_token' } });
    }
    expect(calls).toEqual([]);
  });

  test('inspecting a token throws if the token store is down', async () => {
    const error = new Unavailable('token store', 'down');
    await expect(inspect({ store: faulty(world.store, 'find', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
  });
});
