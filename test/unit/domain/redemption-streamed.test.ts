import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  noteDelivery,
  redeemToken,
  type StreamDependencies,
  streamToken,
} from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { Cidr } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { RedeemRequest } from '../../../lambda/domain/redemption.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { email } from '../../support/values.ts';
import { expectNothingSpent } from './nothing-spent.ts';

const CALLER = 'arn:aws:iam::111122223333:role/reports';

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world, { issuedBy: CALLER, delivery: 'stream' });
});

const stream = (deps: Partial<StreamDependencies> = {}, request: Partial<RedeemRequest> = {}, of = record) =>
  streamToken({ ...world, ...deps }, redeemRequest(tokenOf(world, of), request));

async function streamed() {
  const result = await stream();
  if (!result.ok) throw new Error(`not redeemed: ${result.error.code}`);
  return result.value;
}

describe('a streamed redemption', () => {
  test('a streamed redemption opens the file before it writes the receipt, and leaves reading the file to its caller', async () => {
    const calls: string[] = [];
    const result = await stream({
      files: noted(world.files, 'files', calls),
      store: noted(world.store, 'store', calls),
    });
    expect(result.ok).toBe(true);
    expect(calls).toEqual(['store.find', 'files.open', 'store.settle', 'store.retire']);
    expect(world.files.openFiles).toBe(1);
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({ kind: 'redeemed' });
  });

  test('one of 100 simultaneous streamed redemptions wins, and the others close their files', async () => {
    const results = await Promise.all(Array.from({ length: 100 }, () => stream()));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(world.files.openFiles).toBe(1);
  });

  test('a streamed link is not spent if its file is unavailable, archived, or missing', async () => {
    const error = new Unavailable('file store', 'down');
    await expect(stream({ files: faulty(world.files, 'open', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
    expectNothingSpent(world, record);
    world.files.archive('report.pdf');
    expect(await stream()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    world.files.remove('report.pdf');
    expect(await stream()).toEqual({ ok: false, error: { code: 'asset_missing' } });
    expectNothingSpent(world, record);
  });

  test('a streamed redemption closes the file if its version has changed', async () => {
    world.files.offer('report.pdf');
    expect(await stream()).toEqual({ ok: false, error: { code: 'asset_changed' } });
    expectNothingSpent(world, record);
  });

  test('a streamed redemption closes the file if writing the receipt fails', async () => {
    const error = new Unavailable('token store', 'down');
    const store = faulty(world.store, 'settle', { lose: 'request', error });
    await expect(stream({ store })).rejects.toBe(error);
    expectNothingSpent(world, record);
  });

  test('a token that expires while the file is being opened is not redeemed', async () => {
    const open: StreamDependencies['files']['open'] = async (name) => {
      world.time.advance(900);
      return world.files.open(name);
    };
    expect(await stream({ files: { open } })).toMatchObject({ error: { code: 'token_expired' } });
    expectNothingSpent(world, record);
  });

  test('a redemption with the wrong delivery method does not spend the token, and the refusal names the right one', async () => {
    const wrongDelivery = (delivery: string) => ({ ok: false, error: { code: 'wrong_delivery', delivery } });
    const request = { opening: 'confirm', sourceAddress: '', userAgent: '' } as const;
    expect(await redeemToken(world, { ...request, token: tokenOf(world, record) })).toEqual(
      wrongDelivery('stream'),
    );
    expectNothingSpent(world, record);
    const redirected = await putMailedRecord(world);
    expect(await stream({}, {}, redirected)).toEqual(wrongDelivery('redirect'));
    expectNothingSpent(world, redirected);
  });

  test('a GET of a streamed link that must be confirmed is referred to the confirmation page', async () => {
    expect(await stream({}, { opening: 'direct' })).toEqual({ ok: false, error: { code: 'confirm_first' } });
    expectNothingSpent(world, record);
  });
});

describe('recording how a stream ended', () => {
  test.each([
    ['delivered', 2048],
    ['aborted', 100],
  ] as const)('a stream is recorded as %s with the number of bytes sent', async (event, bytes) => {
    const redemption = await streamed();
    world.time.advance(5);
    await noteDelivery(world, redemption, { event, bytes });
    expect(world.ledger.entries.at(-1)).toMatchObject({
      event,
      bytes,
      tokenId: record.tokenId,
      redemptionId: redemption.redemptionId,
      at: world.clock(),
    });
  });

  test('an incident is reported if the end of a stream cannot be recorded', async () => {
    const redemption = await streamed();
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    await noteDelivery({ ...world, ledger }, redemption, { event: 'delivered', bytes: 1 });
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
  });
});

describe('a link with allowed networks', () => {
  const restricted = () => putMailedRecord(world, { allowedCidrs: ['192.0.2.0/24' as Cidr] });
  const redeem = async (link: TokenRecord, sourceAddress: string) =>
    redeemToken(world, redeemRequest(tokenOf(world, link), { sourceAddress }));

  test('a link can be redeemed from an allowed network', async () => {
    expect((await redeem(await restricted(), '192.0.2.255')).ok).toBe(true);
  });

  test.each(['192.0.3.0', '2001:db8::1', 'test-invoke-source-ip', ''])(
    'a link with allowed networks is refused from "%s" before the file is looked up, and not spent',
    async (source) => {
      const link = await restricted();
      const calls: string[] = [];
      const files = noted(world.files, 'files', calls);
      const token = tokenOf(world, link);
      const request = redeemRequest(token, { sourceAddress: source });
      expect(await redeemToken({ ...world, files }, request)).toEqual({
        ok: false,
        error: { code: 'not_allowed_from_here' },
      });
      expect(calls).toEqual([]);
      expectNothingSpent(world, link);
    },
  );
});

describe('a notice of a redemption', () => {
  const NOTIFY = email('issuer@example.org');

  test('the queued notice holds only the token ID, and the receipt does not hold the notice address', async () => {
    const withNotice = await putMailedRecord(world, { delivery: 'stream', notify: NOTIFY, language: 'fr' });
    await stream({}, {}, withNotice);
    expect(world.queue.notices).toEqual([withNotice.tokenId]);
    expect(JSON.stringify(world.store.receipts.get(withNotice.tokenId))).not.toContain(NOTIFY);
  });

  test('simultaneous redemptions of a link queue one notice, and a link without a notice address queues none', async () => {
    const withNotice = await putMailedRecord(world, {
      delivery: 'stream',
      notify: NOTIFY,
      asset: 'other.pdf',
    });
    await Promise.all(Array.from({ length: 20 }, () => stream({}, {}, withNotice)));
    await streamed();
    expect(world.queue.notices).toEqual([withNotice.tokenId]);
  });

  test('a redemption succeeds and reports an incident if its notice cannot be queued', async () => {
    const withNotice = await putMailedRecord(world, { delivery: 'stream', notify: NOTIFY });
    const error = new Unavailable('mail queue', 'down');
    const queue = faulty(world.queue, 'sendNotice', { lose: 'request', error });
    expect((await stream({ queue }, {}, withNotice)).ok).toBe(true);
    expect(world.incidents).toEqual([{ incident: 'notice-failed', tokenId: withNotice.tokenId }]);
  });
});

describe('the slots for streams', () => {
  const streamConcurrency = 2;
  const link = () => putMailedRecord(world, { delivery: 'stream' });

  test('a redemption without a free slot is refused and does not spend the token', async () => {
    for (let n = 0; n < 2; n += 1)
      expect((await stream({ streamConcurrency }, {}, await link())).ok).toBe(true);
    const open = world.files.openFiles;
    const late = await link();
    expect(await stream({ streamConcurrency }, {}, late)).toEqual({
      ok: false,
      error: { code: 'unavailable', retryAfterSeconds: 30 },
    });
    expect(world.store.receipts.has(late.tokenId)).toBe(false);
    expect(world.files.openFiles).toBe(open);
  });

  test('a slot is freed when the file has been sent, and when the redemption fails', async () => {
    const deps = { streamConcurrency: 1 };
    const first = await stream(deps);
    if (!first.ok) throw new Error('not redeemed');
    await noteDelivery(world, first.value, { event: 'delivered', bytes: 1 });
    const error = new Unavailable('token store', 'down');
    const store = faulty(world.store, 'settle', { lose: 'request', error });
    await expect(stream({ ...deps, store }, {}, await link())).rejects.toBe(error);
    expect((await stream(deps, {}, await link())).ok).toBe(true);
  });

  test('the number of streams never exceeds streamConcurrency, even with slow readers over two hours', async () => {
    const running: { readonly until: number; readonly value: Parameters<typeof noteDelivery>[1] }[] = [];
    for (let minute = 0; minute < 120; minute += 1) {
      const now = world.clock().getTime();
      for (const ended of running.filter(({ until }) => until <= now)) {
        await noteDelivery(world, ended.value, { event: 'aborted', bytes: 0 });
        running.splice(running.indexOf(ended), 1);
      }
      for (let n = 0; n < 3; n += 1) {
        const next = await stream({ streamConcurrency }, {}, await link());
        if (next.ok) running.push({ until: now + 890_000, value: next.value });
      }
      expect(running.length).toBeLessThanOrEqual(streamConcurrency);
      world.time.advance(60);
    }
  });
});
