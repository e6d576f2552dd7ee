import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import {
  redeemToken,
  streamToken,
  type ZipDependencies,
  zipToken,
} from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { issueLinks } from '../../../lambda/domain/issue-links.ts';
import { LARGEST_STREAM } from '../../../lambda/domain/plan-links.ts';
import { presentCollection } from '../../../lambda/domain/present-collection.ts';
import { entriesOf } from '../../../lambda/domain/zip.ts';
import { faulty, intercept } from '../../support/intercept.ts';
import { issuedLink, linkRequest } from '../../support/link-request.ts';
import { memorySecondChances } from '../../support/memory-second-chances.ts';
import { createMemoryWorld, type MemoryWorld, sealed } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { assetName } from '../../support/values.ts';

const NAMES = ['plan.pdf', '2026/plan.pdf', 'private/Übersicht.pdf'] as const;

let world: MemoryWorld;
beforeEach(() => {
  world = createMemoryWorld();
  for (const name of NAMES) world.files.offer(name, { size: 3000 });
});

const ZIP = {
  asset: assetName(NAMES[0]),
  more: NAMES.slice(1).map(assetName),
  delivery: 'zip',
} as const;

const issued = () => issuedLink(world, ZIP);

const redeem = (token: string, deps: Partial<ZipDependencies> = {}) =>
  zipToken({ ...world, ...deps }, redeemRequest(token));

async function redeemed(token: string) {
  const one = await redeem(token);
  if (!one.ok) throw new Error(`not redeemed: ${one.error.code}`);
  return one.value;
}

async function bytesOf(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a zip', () => {
  test('has one ordinary token and one record, which lists its files', async () => {
    const { record, token } = await issued();
    expect(token).toMatch(/^tvm_/);
    expect([...world.store.records.values()]).toEqual([record]);
    expect(record.contents?.map(({ name }) => name)).toEqual(NAMES);
    expect(record.asset).toMatchObject({ name: NAMES[0], fileName: 'files.zip', type: 'application/zip' });
    expect(world.ledger.entries).toMatchObject([
      { fileName: 'files.zip', contents: NAMES.map((asset) => ({ asset })) },
    ]);
  });

  test('is redeemed once, with exactly the size in its record', async () => {
    const { record, token } = await issued();
    const { file } = await redeemed(token);
    expect((await bytesOf(file.bytes)).length).toBe(record.asset.size);
    expect(world.files.openFiles).toBe(0);
    expect(await redeem(token)).toMatchObject({ error: { code: 'token_redeemed' } });
  });

  test('is sent again in a second chance, but only with the same versions', async () => {
    const secondChances = memorySecondChances().port;
    const { record, token } = await issued();
    const first = await redeem(token, { secondChances });
    const secret = first.ok ? first.value.secret : undefined;
    const again = () =>
      zipToken({ ...world, secondChances }, redeemRequest(token, { secretFor: () => secret }));
    const second = await again();
    if (!second.ok) throw new Error(second.error.code);
    expect((await bytesOf(second.value.file.bytes)).length).toBe(record.asset.size);
    world.files.offer(NAMES[1], { size: 3000 });
    expect(await again()).toMatchObject({ error: { code: 'asset_changed' } });
  });

  test('cannot be redeemed with another delivery or opened as a collection', async () => {
    const { token } = await issued();
    for (const way of [redeemToken, streamToken]) {
      expect(await way(world, redeemRequest(token))).toMatchObject({ error: { code: 'wrong_delivery' } });
    }
    expect(await presentCollection(world, token, '192.0.2.7')).toMatchObject({
      error: { code: 'invalid_token' },
    });
    expect(world.store.receipts.size).toBe(0);
  });

  test('cannot be issued if it is too large to stream', async () => {
    for (const name of NAMES) world.files.offer(name, { size: Math.ceil(LARGEST_STREAM / 3) });
    expect(await issueLinks(world, linkRequest(ZIP))).toEqual({
      ok: false,
      error: { code: 'asset_too_large' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test.each([
    ['missing', (name: string) => world.files.remove(name), 'asset_missing'],
    ['archived', (name: string) => world.files.archive(name), 'unavailable'],
    ['replaced', (name: string) => world.files.offer(name, { size: 3000 }), 'asset_changed'],
  ])('is refused and not spent if one of its files is %s', async (_what, change, code) => {
    const { token } = await issued();
    change(NAMES[2]);
    expect(await redeem(token)).toMatchObject({ error: { code } });
    expect([world.store.receipts.size, world.files.openFiles]).toEqual([0, 0]);
  });

  test('is unknown if its record was changed without the key', async () => {
    const { record, token } = await issued();
    const [first] = record.contents ?? [];
    world.store.records.set(record.tokenId, { ...record, ...(first && { contents: [first] }) });
    expect(await redeem(token)).toMatchObject({ error: { code: 'token_unknown' } });
  });

  test('takes a slot like a stream, and frees it if it is not redeemed', async () => {
    const { token } = await issued();
    const quota = intercept(world.quota, async () => ({ taken: false, retryAfterSeconds: 1 }));
    expect(await redeem(token, { quota })).toMatchObject({ error: { code: 'unavailable' } });
    const store = faulty(world.store, 'settle', {
      lose: 'request',
      error: new Unavailable('token store', 'down'),
    });
    await expect(redeem(token, { store, streamConcurrency: 1 })).rejects.toThrow(Unavailable);
    expect((await redeem(token, { streamConcurrency: 1 })).ok).toBe(true);
  });

  test('opens no files until it is read, so losing redemptions leave none open', async () => {
    const { token } = await issued();
    const results = await Promise.all([redeem(token), redeem(token), redeem(token)]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    await setImmediate();
    expect(world.files.openFiles).toBe(0);
  });

  test('aborts if a later file is gone, so that nobody mistakes a part for the whole', async () => {
    const { record, token } = await issued();
    const { file } = await redeemed(token);
    const [, , last] = record.contents ?? [];
    if (last === undefined) throw new Error('no files');
    world.files.destroy(last);
    let bytes = 0;
    const read = async () => {
      for await (const piece of file.bytes) bytes += piece.length;
    };
    await expect(read()).rejects.toThrow('A file in the zip is gone');
    expect(bytes).toBeGreaterThan(6000);
    expect(bytes).toBeLessThan(record.asset.size);
  });

  test('closes its open file and opens no more files if its reader stops', async () => {
    const { token } = await issued();
    const { file } = await redeemed(token);
    for await (const _ of file.bytes) if (world.files.openFiles > 0) break;
    file.abort();
    expect(world.files.openFiles).toBe(0);
  });
});

describe('names in a zip', () => {
  const named = (...names: readonly string[]) =>
    entriesOf(names.map((name) => world.files.offer(name))).map(({ name }) => name);

  test("are the files' names, with a number before the extension if a name repeats", () => {
    expect(named('a.pdf', 'x/a.pdf', 'y/A.pdf', 'a (2).pdf', 'b', 'x/b', '.env', 'x/.env')).toEqual([
      ...['a.pdf', 'a (2).pdf', 'A (3).pdf', 'a (2) (2).pdf', 'b', 'b (2)', '.env', '.env (2)'],
    ]);
  });

  test('differ even if macOS and another system have encoded the same letters differently', () => {
    const [composed, decomposed] = ['Übersicht.pdf'.normalize('NFC'), 'Übersicht.pdf'.normalize('NFD')];
    expect(named(`2025/${composed}`, `2026/${decomposed}`)).toEqual([
      composed,
      'Übersicht (2).pdf'.normalize('NFD'),
    ]);
  });

  test('can be created on Windows, which cannot unpack a zip with the names that it forbids', () => {
    expect(named('Q1: costs?.pdf', 'Q1: plan.pdf', 'Q1_ plan.pdf', 'final.', 'draft ', '<a|b*c>')).toEqual([
      ...['Q1_ costs_.pdf', 'Q1_ plan.pdf', 'Q1_ plan (2).pdf', 'final_', 'draft_', '_a_b_c_'],
    ]);
  });

  test('contain no path', () => {
    for (const name of named('x/y/..a', '...', '~/b', 'c:/d', 'x/"..'))
      expect(name).not.toMatch(/[/\\]|^\.\.?$/);
  });
});

test('the seal of a zip covers its size', async () => {
  const { record, token } = await issued();
  world.store.records.set(record.tokenId, { ...record, asset: { ...record.asset, size: 1 } });
  expect(await redeem(token)).toMatchObject({ error: { code: 'token_unknown' } });
  world.store.records.set(record.tokenId, sealed(world, record));
  expect((await redeem(token)).ok).toBe(true);
});
