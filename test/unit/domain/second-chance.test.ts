import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  type RedeemDependencies,
  redeemToken,
  type StampDependencies,
  stampToken,
  streamToken,
} from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { type Cidr, epochSeconds } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import type { RedeemRequest } from '../../../lambda/domain/redemption.ts';
import { reportRedemption } from '../../../lambda/domain/report-redemption.ts';
import { faulty, intercept, noted } from '../../support/intercept.ts';
import { memorySecondChances } from '../../support/memory-second-chances.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';

const DOWN = new Unavailable('a service', 'down');
const SECRET = /^[A-Za-z0-9_-]{43}$/;

let chances: ReturnType<typeof memorySecondChances>;
let world: MemoryWorld & { readonly secondChances: ReturnType<typeof memorySecondChances>['port'] };
let record: TokenRecord;

beforeEach(async () => {
  chances = memorySecondChances();
  world = { ...createMemoryWorld(), secondChances: chances.port };
  record = await putMailedRecord(world);
});

type Details = Partial<RedeemRequest> & { readonly secret?: string | undefined };
type Deps = Partial<StampDependencies & RedeemDependencies>;

function request({ secret, ...details }: Details): RedeemRequest {
  return redeemRequest(tokenOf(world, record), { secretFor: () => secret, ...details });
}

const redeem = (details: Details = {}, deps: Deps = {}) =>
  redeemToken({ ...world, ...deps }, request(details));

const stream = (details: Details = {}, deps: Deps = {}) =>
  streamToken({ ...world, ...deps }, request(details));

const stamp = (details: Details = {}, deps: Deps = {}) => stampToken({ ...world, ...deps }, request(details));

/** Redeems the link and returns the secret of its second chance. */
async function redeemFirst(way: typeof redeem | typeof stream | typeof stamp = redeem): Promise<string> {
  const redeemed = await way();
  if (!redeemed.ok || redeemed.value.secret === undefined) throw new Error('no second chance');
  return redeemed.value.secret;
}

const reissues = () => world.ledger.entries.filter(({ event }) => event === 'reissued');
const used = () => chances.rowOf(record.tokenId)?.used;

/** Expects the refusal that everyone gets after a redemption, and no reissue. */
function expectOrdinary(response: Awaited<ReturnType<typeof redeem | typeof stream>>): void {
  expect(response).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
  expect(reissues()).toEqual([]);
}

describe('a redemption', () => {
  test('returns a secret to the caller, and stores only the hash of the secret', async () => {
    const secret = await redeemFirst();
    expect(secret).toMatch(SECRET);
    const receipt = world.store.receipts.get(record.tokenId);
    expect(chances.rowOf(record.tokenId)).toEqual({
      counter: `again/${record.tokenId}`,
      tokenId: record.tokenId,
      redemptionId: receipt?.redemptionId,
      record,
      versionId: 'v1',
      secretSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      used: 0,
      expiresAt: epochSeconds(world.clock()) + 600,
    });
    expect(JSON.stringify([...chances.rows.values()])).not.toContain(secret);
  });

  test('has no second chance if the option is off', async () => {
    const redeemed = await redeem({}, { secondChances: undefined });
    expect(redeemed).toMatchObject({ ok: true, value: { secret: undefined } });
    expect(chances.rows.size).toBe(0);
  });

  test.each([
    [{ open: 'direct' }, false],
    [{ open: 'direct', secondChance: true }, true],
    [{ open: 'confirm', secondChance: false }, false],
    [{ open: 'confirm' }, true],
  ] as const)('of a link with %j has a second chance: %s', async (terms, has) => {
    record = await putMailedRecord(world, terms);
    const redeemed = await redeem();
    expect(redeemed.ok && redeemed.value.secret !== undefined).toBe(has);
    expect(chances.rows.size).toBe(has ? 1 : 0);
  });

  test('succeeds without a second chance and reports an incident if the row for one cannot be written', async () => {
    for (const lose of ['request', 'response'] as const) {
      record = await putMailedRecord(world);
      const secondChances = faulty(chances.port, 'put', { lose, error: DOWN });
      const redeemed = await redeem({}, { secondChances });
      expect(redeemed).toMatchObject({ ok: true, value: { secret: undefined } });
      expect(world.incidents).toContainEqual({
        incident: 'second-chance-failed',
        tokenId: record.tokenId,
      });
    }
  });

  test('creates no second chance if it loses', async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => redeem()));
    expect(responses.filter((response) => response.ok && response.value.secret !== undefined)).toHaveLength(
      1,
    );
    expect(chances.rows.size).toBe(1);
  });
});

describe('a repeated request with the secret', () => {
  test('gets the same version up to three times, each time with its own ledger entry and redemption ID', async () => {
    const secret = await redeemFirst();
    const receipt = structuredClone(world.store.receipts.get(record.tokenId));
    const ids = new Set([receipt?.redemptionId]);
    for (let time = 1; time <= 3; time += 1) {
      world.time.advance(100);
      const again = await redeem({ secret });
      if (!again.ok) throw new Error(again.error.code);
      expect(again.value).toMatchObject({ record, reissued: true, secret: undefined });
      const url = new URL(again.value.url);
      expect(url.searchParams.get('versionId')).toBe('v1');
      expect(used()).toBe(time);
      const entry = reissues().at(-1);
      expect(entry).toMatchObject({ event: 'reissued', tokenId: record.tokenId, at: world.clock() });
      expect(entry).toMatchObject({ redemptionId: url.searchParams.get('x-redemption-id') });
      ids.add(entry?.event === 'reissued' ? entry.redemptionId : undefined);
    }
    expect(ids.size).toBe(4);
    expect(await redeem({ secret })).toMatchObject({ ok: false, error: { code: 'token_redeemed' } });
    expect(reissues()).toHaveLength(3);
    expect(world.store.receipts.get(record.tokenId)).toEqual(receipt);
  });

  test("gets a URL that lives until the second chance ends, but at least as long as a redemption's URL", async () => {
    const secret = await redeemFirst();
    const end = epochSeconds(world.clock()) + 600;
    for (const [wait, seconds] of [
      [100, 500],
      [490, 30],
    ] as const) {
      world.time.advance(wait);
      const again = await redeem({ secret });
      if (!again.ok) throw new Error(again.error.code);
      expect(new URL(again.value.url).searchParams.get('X-Amz-Expires')).toBe(String(seconds));
      expect(again.value.urlExpiresAt).toBe(Math.max(end, epochSeconds(world.clock()) + 30));
    }
  });

  test('gets the file even if the link has expired in the meantime', async () => {
    record = await putMailedRecord(world, { lifetimeSeconds: 60 });
    const secret = await redeemFirst();
    world.time.advance(599);
    expect((await redeem({ secret })).ok).toBe(true);
    world.time.advance(1);
    expect((await redeem({ secret })).ok).toBe(false);
    expect(reissues()).toHaveLength(1);
  });

  test('gets the ordinary refusal after ten minutes', async () => {
    const secret = await redeemFirst();
    world.time.advance(600);
    expectOrdinary(await redeem({ secret }));
  });

  test('gets the ordinary refusal if the secret belongs to another link, was changed, or is missing', async () => {
    const secret = await redeemFirst();
    const first = record;
    record = await putMailedRecord(world);
    const other = await redeemFirst();
    record = first;
    for (const wrong of [other, `${secret}A`, secret.slice(1), '', undefined]) {
      expectOrdinary(await redeem({ secret: wrong }));
    }
    expect(used()).toBe(0);
  });

  test('gets nothing if its token is forged', async () => {
    const secret = await redeemFirst();
    const { token: _, ...rest } = request({ secret });
    const response = await redeemToken(world, { ...rest, token: `tvm_${'A'.repeat(52)}` });
    expect(response).toMatchObject({ ok: false, error: { code: 'invalid_token' } });
    expect(reissues()).toEqual([]);
  });

  test('gets nothing from a revoked link', async () => {
    const secret = await redeemFirst();
    const receipt = world.store.receipts.get(record.tokenId);
    if (receipt === undefined) throw new Error('no receipt');
    const { tokenId, at, redemptionId, asset, issuedBy, removeAt } = receipt;
    world.store.receipts.set(tokenId, {
      ...{ tokenId, at, redemptionId, asset, issuedBy, removeAt },
      kind: 'revoked',
      revokedBy: 'hard-bounce',
    });
    expect(await redeem({ secret })).toMatchObject({ ok: false, error: { code: 'token_revoked' } });
    expect(reissues()).toEqual([]);
  });

  test('gets the ordinary refusal if the row and the receipt name different redemptions', async () => {
    const secret = await redeemFirst();
    const row = chances.rowOf(record.tokenId);
    chances.rows.set(`again/${record.tokenId}`, { ...row, redemptionId: 'of-another' });
    expectOrdinary(await redeem({ secret }));
  });

  test('gets the ordinary refusal if the row was changed to allow more time or another file', async () => {
    record = await putMailedRecord(world, { open: 'confirm', secondChance: true });
    const secret = await redeemFirst();
    const key = `again/${record.tokenId}`;
    const row = chances.rowOf(record.tokenId);
    const asset = world.files.offer('private/other.pdf');
    chances.rows.set(key, { ...row, record: { ...record, asset } });
    expectOrdinary(await redeem({ secret }));
    chances.rows.set(key, { ...row, expiresAt: epochSeconds(world.clock()) + 86_400 });
    world.time.advance(600);
    expectOrdinary(await redeem({ secret }));
  });

  test("is refused and not counted if it comes from outside the link's networks", async () => {
    record = await putMailedRecord(world, { allowedCidrs: ['192.0.2.0/24' as Cidr] });
    const secret = await redeemFirst();
    const response = await redeem({ secret, sourceAddress: '198.51.100.9' });
    expect(response).toEqual({ ok: false, error: { code: 'not_allowed_from_here' } });
    expect(used()).toBe(0);
  });

  test('is not counted, and is referred to the confirmation page, if it is a GET request for a link with a button', async () => {
    const secret = await redeemFirst();
    expect(await redeem({ secret, opening: 'direct' })).toEqual({
      ok: false,
      error: { code: 'confirm_first' },
    });
    expect(used()).toBe(0);
  });

  test('is not counted, and gets a refusal that names the right delivery, if it uses the wrong one', async () => {
    record = await putMailedRecord(world, { delivery: 'stream' });
    const secret = await redeemFirst(stream);
    const response = await redeem({ secret });
    expect(response).toEqual({ ok: false, error: { code: 'wrong_delivery', delivery: 'stream' } });
    expect(used()).toBe(0);
    expect((await stream({ secret })).ok).toBe(true);
  });

  test('is not counted if the version is gone or S3 is down, even for a form link', async () => {
    const secret = await redeemFirst();
    const first = world.files.offer('report.pdf');
    expect(await redeem({ secret })).toEqual({ ok: false, error: { code: 'asset_changed' } });
    world.files.remove('report.pdf');
    expect(await redeem({ secret })).toEqual({ ok: false, error: { code: 'asset_missing' } });
    const files = faulty(world.files, 'head', { lose: 'request', error: DOWN });
    await expect(redeem({ secret }, { files })).rejects.toBe(DOWN);
    expect(used()).toBe(0);
    world.files.reinstate({ ...first, versionId: 'v1' });
    expect((await redeem({ secret })).ok).toBe(true);
  });

  test('is counted after everything is ready and before the ledger is written', async () => {
    const secret = await redeemFirst();
    const calls: string[] = [];
    await redeem(
      { secret },
      {
        store: noted(world.store, 'store', calls),
        secondChances: noted(chances.port, 'chances', calls),
        files: noted(world.files, 'files', calls),
        ledger: noted(world.ledger, 'ledger', calls),
      },
    );
    expect(calls).toEqual([
      'store.find',
      'store.find',
      'chances.find',
      'files.head',
      'files.presign',
      'chances.take',
      'ledger.append',
    ]);
  });

  test('gets no file if the response to counting it is lost, but uses up one of three reissues', async () => {
    const secret = await redeemFirst();
    const secondChances = faulty(chances.port, 'take', { lose: 'response', error: DOWN });
    await expect(redeem({ secret }, { secondChances })).rejects.toBe(DOWN);
    expect(used()).toBe(1);
    expect(reissues()).toEqual([]);
  });

  test('succeeds and reports an incident if the ledger cannot be written', async () => {
    const secret = await redeemFirst();
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error: DOWN });
    expect((await redeem({ secret }, { ledger })).ok).toBe(true);
    expect(world.incidents).toContainEqual({ incident: 'ledger-write-failed', tokenId: record.tokenId });
  });

  test('succeeds at most three times, no matter how many are sent at once', async () => {
    const secret = await redeemFirst();
    const responses = [];
    for (let round = 0; round < 5; round += 1) {
      responses.push(...(await Promise.all(Array.from({ length: 10 }, () => redeem({ secret })))));
    }
    expect(responses.filter(({ ok }) => ok)).toHaveLength(3);
    expect(used()).toBe(3);
  });

  test('streams the file again, and releases the file and its slot if it loses', async () => {
    record = await putMailedRecord(world, { delivery: 'stream' });
    const secret = await redeemFirst(stream);
    expect(world.files.openFiles).toBe(1);
    const responses = await Promise.all([stream({ secret }), stream({ secret })]);
    expect(responses.filter(({ ok }) => ok)).toHaveLength(1);
    expect(world.files.openFiles).toBe(2);
    expect(world.quota.countOf('streams/')).toBe(2);
  });
});

describe('a second chance for a stamped copy', () => {
  test('must be requested by the issuer', async () => {
    record = await putMailedRecord(world, { delivery: 'watermark', watermarkName: 'Ada' });
    expect(await stamp()).toMatchObject({ ok: true, value: { secret: undefined } });
  });

  test('stamps the same names and the same time', async () => {
    const terms = { delivery: 'watermark', watermarkName: 'Ada', secondChance: true } as const;
    record = await putMailedRecord(world, terms);
    const marks: unknown[] = [];
    const stamper: StampDependencies['stamper'] = {
      stamp: async (pdf, mark) => {
        marks.push(mark);
        return world.stamper.stamp(pdf, mark);
      },
    };
    const secret = await redeemFirst((details) => stamp(details, { stamper }));
    world.time.advance(60);
    const again = await stamp({ secret }, { stamper });
    if (!again.ok) throw new Error(again.error.code);
    expect(marks[1]).toEqual(marks[0]);
    expect((await buffer(again.value.file.bytes)).toString('latin1')).toMatch(/^for Ada, ada@example\.org\n/);
  });
});

describe('a report that somebody else redeemed the link', () => {
  const reportedBefore = (late: string) =>
    intercept(chances.port, async ({ method, proceed }) => {
      if (method === late) await reportRedemption(world, tokenOf(world, record));
      return await proceed();
    });

  test('ends the second chance', async () => {
    const secret = await redeemFirst();
    await reportRedemption(world, tokenOf(world, record));
    expectOrdinary(await redeem({ secret }));
  });

  test('prevents a second chance from being created later', async () => {
    const redeemed = await redeem({}, { secondChances: reportedBefore('put') });
    expect(redeemed).toMatchObject({ ok: true, value: { secret: undefined } });
    expect(world.incidents).toEqual([]);
  });

  test('prevents a reissue from being counted later', async () => {
    const secret = await redeemFirst();
    const secondChances = reportedBefore('take');
    expectOrdinary(await redeem({ secret }, { secondChances }));
    expect(used()).toBe(0);
  });

  test('is not recorded if the second chance cannot be ended', async () => {
    await redeemFirst();
    const secondChances = faulty(chances.port, 'end', { lose: 'request', error: DOWN });
    await expect(reportRedemption({ ...world, secondChances }, tokenOf(world, record))).rejects.toBe(DOWN);
    expect(world.ledger.entries.filter(({ event }) => event === 'reported')).toEqual([]);
  });
});
