import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  noteDelivery,
  type StampDependencies,
  stampToken,
  streamToken,
} from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { RedeemRequest } from '../../../lambda/domain/redemption.ts';
import { fail } from '../../../lambda/domain/result.ts';
import { LARGEST_STAMPED } from '../../../lambda/domain/watermark.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { expectNothingSpent } from './nothing-spent.ts';

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world, { delivery: 'watermark', watermarkName: 'Ada' });
});

const stamp = (deps: Partial<StampDependencies> = {}, request: Partial<RedeemRequest> = {}) =>
  stampToken({ ...world, ...deps }, redeemRequest(tokenOf(world, record), request));

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a redemption for a stamped copy', () => {
  test('reads, stamps, and hashes the file before it writes the receipt, which holds both hashes', async () => {
    const calls: string[] = [];
    const result = await stamp({
      files: noted(world.files, 'files', calls),
      stamper: noted(world.stamper, 'stamper', calls),
      store: noted(world.store, 'store', calls),
    });
    if (!result.ok) throw new Error(result.error.code);
    expect(calls).toEqual(['store.find', 'files.open', 'stamper.stamp', 'store.settle', 'store.retire']);
    const { file } = result.value;
    const copy = await buffer(file.bytes);
    expect(copy.toString('latin1')).toMatch(/^for Ada, ada@example\.org\n/);
    expect(file.asset).toMatchObject({ size: copy.length, sha256: sha256(copy) });
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({
      kind: 'redeemed',
      originalSha256: sha256(copy.subarray(copy.indexOf('\n') + 1)),
      stampedSha256: sha256(copy),
    });
    expect(world.files.openFiles).toBe(0);
  });

  test('stamps the names, the token ID, and the time of the redemption', async () => {
    const marks: unknown[] = [];
    const stamper: StampDependencies['stamper'] = {
      stamp: async (pdf, mark) => {
        marks.push(mark);
        return world.stamper.stamp(pdf, mark);
      },
    };
    await stamp({ stamper });
    expect(marks).toEqual([
      { names: ['Ada', 'ada@example.org'], tokenId: record.tokenId, at: world.clock() },
    ]);
  });

  test('spends nothing and frees its slot if the stamper throws or refuses the file', async () => {
    const stampers: StampDependencies['stamper'][] = [
      { stamp: () => Promise.reject(new Error('unforeseen')) },
      { stamp: async () => fail({ code: 'pdf_unreadable' }) },
    ];
    for (const stamper of stampers) {
      await expect(stamp({ stamper, streamConcurrency: 1 })).rejects.toThrow();
      expectNothingSpent(world, record);
    }
    expect((await stamp({ streamConcurrency: 1 })).ok).toBe(true);
  });

  test('spends nothing if the version has changed, the file is missing, or the receipt cannot be written', async () => {
    const error = new Unavailable('token store', 'down');
    const store = faulty(world.store, 'settle', { lose: 'request', error });
    await expect(stamp({ store })).rejects.toBe(error);
    world.files.offer('report.pdf');
    expect(await stamp()).toEqual({ ok: false, error: { code: 'asset_changed' } });
    world.files.remove('report.pdf');
    expect(await stamp()).toEqual({ ok: false, error: { code: 'asset_missing' } });
    expectNothingSpent(world, record);
  });

  test('is refused without stamping while every slot is taken', async () => {
    const calls: string[] = [];
    const first = await stamp({ streamConcurrency: 1 });
    const second = await putMailedRecord(world, { delivery: 'watermark' });
    const stamper = noted(world.stamper, 'stamper', calls);
    const request = redeemRequest(tokenOf(world, second));
    const refused = await stampToken({ ...world, stamper, streamConcurrency: 1 }, request);
    expect(refused).toMatchObject({ error: { code: 'unavailable' } });
    expect(calls).toEqual([]);
    if (!first.ok) throw new Error(first.error.code);
    await noteDelivery(world, first.value, { event: 'delivered', bytes: 1 });
    expect((await stampToken({ ...world, streamConcurrency: 1 }, request)).ok).toBe(true);
  });

  test('has one winner among 20 concurrent attempts', async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => stamp()));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test('is the only way to redeem its link', async () => {
    const request = redeemRequest(tokenOf(world, record));
    const refused = { ok: false, error: { code: 'wrong_delivery', delivery: 'watermark' } };
    expect(await streamToken(world, request)).toEqual(refused);
    expectNothingSpent(world, record);
  });

  test('is refused if the name in the record was changed', async () => {
    world.store.records.set(record.tokenId, { ...record, watermarkName: 'Eve' });
    expect(await stamp()).toEqual({ ok: false, error: { code: 'token_unknown' } });
  });
});

test('a file above the size limit is never stamped', async () => {
  const asset = world.files.offer('large.pdf', { size: LARGEST_STAMPED + 1 });
  record = await putMailedRecord(world, { delivery: 'watermark' });
  world.files.reinstate({ ...asset, name: record.asset.name, versionId: record.asset.versionId });
  await expect(stamp()).rejects.toThrow();
  expectNothingSpent(world, record);
});
