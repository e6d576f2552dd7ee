import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { CallerId } from '../../../lambda/domain/ids.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty } from '../../support/intercept.ts';
import {
  CALLER,
  createMemoryWorld,
  type MemoryWorld,
  putMailedRecord,
  tokenOf,
} from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { tokenId } from '../../support/values.ts';

const OPERATOR = 'arn:aws:iam::111122223333:role/operator';
const BY_OPERATOR = { by: OPERATOR, reach: { kind: 'all' } } as const;
const DONE = { ok: true, value: undefined };

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
});

const revoke = (deps: Partial<MemoryWorld> = {}) =>
  revokeToken({ ...world, ...deps }, record.tokenId, BY_OPERATOR);
const redeem = () => redeemToken(world, redeemRequest(tokenOf(world, record)));

describe('revoking a token', () => {
  test('revoking ends a live token immediately, and the receipt says who revoked it', async () => {
    expect(await revoke()).toEqual(DONE);
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({
      kind: 'revoked',
      at: epochSeconds(world.clock()),
      revokedBy: OPERATOR,
      issuedBy: 'public',
    });
    expect(world.store.records.size).toBe(0);
    expect(await redeem()).toEqual({
      ok: false,
      error: { code: 'token_revoked', at: epochSeconds(world.clock()) },
    });
  });

  test('revoking a token twice succeeds and keeps the first receipt', async () => {
    await revoke();
    const first = world.store.receipts.get(record.tokenId);
    world.time.advance(60);
    expect(await revoke()).toEqual(DONE);
    expect(world.store.receipts.get(record.tokenId)).toEqual(first);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('revoking a redeemed token is refused with the time of the redemption', async () => {
    const at = epochSeconds(world.clock());
    await redeem();
    world.time.advance(60);
    expect(await revoke()).toEqual({ ok: false, error: { code: 'token_redeemed', at, renewal: 'offered' } });
  });

  test('revoking a token that has just expired writes a receipt, so that a pending redemption cannot succeed', async () => {
    world.time.advance(900);
    expect(await revoke()).toEqual(DONE);
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({ kind: 'revoked' });
  });

  test('revoking a token that expired 15 minutes ago writes no receipt, because no redemption can be pending', async () => {
    world.time.advance(900 + 900);
    expect(await revoke()).toEqual(DONE);
    expect(world.store.receipts.size).toBe(0);
  });

  test('revoking an unknown token is refused as not_found', async () => {
    expect(await revokeToken(world, tokenId('0'.repeat(32)), BY_OPERATOR)).toEqual({
      ok: false,
      error: { code: 'not_found' },
    });
  });

  test('a caller can revoke only its own links, and gets not_found for all others', async () => {
    const own = { by: CALLER.arn, reach: { kind: 'own', callerId: CALLER.id } } as const;
    const missing = { ok: false, error: { code: 'not_found' } };
    expect(await revokeToken(world, record.tokenId, own)).toEqual(missing);
    await redeem();
    expect(await revokeToken(world, record.tokenId, own)).toEqual(missing);
    const mine = await putMailedRecord(world, { issuedBy: CALLER.arn });
    const namesake = { ...own, reach: { kind: 'own', callerId: 'AROAANOTHER' as CallerId } } as const;
    expect(await revokeToken(world, mine.tokenId, namesake)).toEqual(missing);
    expect(await revokeToken(world, mine.tokenId, own)).toEqual(DONE);
  });

  test('either a revocation or a simultaneous redemption succeeds, never both', async () => {
    const [revoked, redeemed] = await Promise.all([revoke(), redeem()]);
    expect([revoked.ok, redeemed.ok].sort()).toEqual([false, true]);
    expect(world.store.receipts.size).toBe(1);
  });

  test('revoking succeeds if the response is lost after the receipt was written', async () => {
    const error = new Unavailable('token store', 'timed out');
    expect(
      await revoke({ store: faulty(world.store, 'settle', { lose: 'response', error, times: 1 }) }),
    ).toEqual(DONE);
    expect(world.ledger.later).toHaveLength(1);
  });

  test.each(['find', 'settle'] as const)(
    'a revocation fails and leaves the token unchanged if %s() cannot reach the store',
    async (method) => {
      const error = new Unavailable('token store', 'down');
      await expect(revoke({ store: faulty(world.store, method, { lose: 'request', error }) })).rejects.toBe(
        error,
      );
      expect(world.store.records.size).toBe(1);
      expect(world.store.receipts.size).toBe(0);
    },
  );
});
