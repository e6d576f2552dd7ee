import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Ending, endToken } from '../../../lambda/domain/ending.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { newRedemptionId } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord } from '../../support/memory-world.ts';

const DAY = 86_400;

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
});

const redemption = (): Ending => ({
  kind: 'redeemed',
  at: world.clock(),
  redemptionId: newRedemptionId(),
  sourceAddress: '192.0.2.7',
  userAgent: 'Browser/1.0',
});

const revocation = (): Ending => ({
  kind: 'revoked',
  at: world.clock(),
  redemptionId: newRedemptionId(),
  revokedBy: 'arn:aws:iam::111122223333:role/operator',
});

describe('ending a token', () => {
  test('later attempts to end a token get the first receipt, which never changes', async () => {
    const first = await endToken(world, record, redemption());
    world.time.advance(5);
    expect(await endToken(world, record, revocation())).toEqual(first);
    expect(await endToken(world, record, redemption())).toEqual(first);
    expect([...world.store.receipts.values()]).toEqual([first]);
  });

  test('a second attempt does not change the record or the ledger', async () => {
    await endToken(world, record, revocation());
    world.store.records.set(record.tokenId, record);
    const calls: string[] = [];
    await endToken(
      { ...world, store: noted(world.store, 'store', calls), ledger: noted(world.ledger, 'ledger', calls) },
      record,
      redemption(),
    );
    expect(calls).toEqual(['store.settle']);
  });

  test('writing the receipt is attempted at most twice', async () => {
    const calls: string[] = [];
    const error = new Unavailable('token store', 'down');
    const store = noted(faulty(world.store, 'settle', { lose: 'request', error }), 'store', calls);
    await expect(endToken({ ...world, store }, record, redemption())).rejects.toBe(error);
    expect(calls).toEqual(['store.settle', 'store.settle']);
    expect(world.store.records.size).toBe(1);
  });

  test('a receipt outlasts every backup of the record, even if the retention period is shorter', async () => {
    const receipt = await endToken({ ...world, receiptRetentionDays: 1 }, record, redemption());
    expect(receipt.removeAt).toBe(record.expiresAt + 36 * DAY);
  });

  test('the ledger entry has the time in milliseconds, so that it sorts after the issued entry', async () => {
    world.time.moveTo(new Date('2031-05-17T10:20:31.789Z'));
    const receipt = await endToken(world, record, revocation());
    expect(world.ledger.later).toMatchObject([
      { event: 'revoked', redemptionId: receipt.redemptionId, at: new Date('2031-05-17T10:20:31.789Z') },
    ]);
  });

  test('the ledger entry of a link without a recipient has no pseudonym', async () => {
    const { recipient: _, ...unaddressed } = record;
    await endToken(world, unaddressed, revocation());
    expect(world.ledger.later[0]).not.toHaveProperty('pseudonym');
  });
});
