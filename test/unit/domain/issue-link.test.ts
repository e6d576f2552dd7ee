import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import {
  type IssueLinkDependencies,
  type IssueLinkRequest,
  issueLink,
} from '../../../lambda/domain/issue-link.ts';
import type { Asset } from '../../../lambda/domain/records.ts';
import { redeemToken } from '../../../lambda/domain/redeem-token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, tokenOf } from '../../support/memory-world.ts';
import { assetName } from '../../support/values.ts';

const CALLER = 'arn:aws:iam::111122223333:role/reports';

let world: MemoryWorld;
let asset: Asset;

beforeEach(() => {
  world = createMemoryWorld();
  asset = world.files.offer('report.pdf');
});

const issue = (deps: Partial<IssueLinkDependencies> = {}, request: Partial<IssueLinkRequest> = {}) =>
  issueLink(
    { ...world, ...deps },
    { asset: asset.name, issuedBy: CALLER, lifetimeSeconds: 3600, open: 'confirm', ...request },
  );

async function issued(request: Partial<IssueLinkRequest> = {}) {
  const link = await issue({}, request);
  if (!link.ok) throw new Error(`not issued: ${link.error.code}`);
  return link.value;
}

describe('issuing a link to a trusted program', () => {
  test('puts a record that holds what was asked for, and no token', async () => {
    const { record, token } = await issued({ open: 'direct' });
    const now = epochSeconds(world.clock());
    expect(record).toEqual({
      tokenId: expect.stringMatching(/^[0-9a-f]{32}$/),
      asset,
      issuedBy: CALLER,
      issuedAt: now,
      keyEpoch: 376,
      expiresAt: now + 3600,
      open: 'direct',
    });
    expect([...world.store.records.values()]).toEqual([record]);
    expect(JSON.stringify([...world.store.records.values(), world.ledger.entries])).not.toContain(token);
  });

  test('answers with the token of that record, which redeems', async () => {
    const { record, token } = await issued();
    expect(token).toBe(tokenOf(world, record));
    const redeemed = await redeemToken(world, {
      token,
      opening: 'confirm',
      sourceAddress: '192.0.2.7',
      userAgent: '',
    });
    expect(redeemed.ok).toBe(true);
  });

  test('writes the ledger without an address, since there is none', async () => {
    const { record } = await issued();
    expect(world.ledger.entries).toEqual([
      { event: 'issued', tokenId: record.tokenId, at: world.clock(), asset: asset.name, issuedBy: CALLER },
    ]);
  });

  test('mails nothing', async () => {
    await issued();
    expect(world.queue.messages).toEqual([]);
  });

  test('gives every link its own id', async () => {
    const links = [await issued(), await issued(), await issued()];
    expect(new Set(links.map(({ record }) => record.tokenId)).size).toBe(3);
  });

  test('looks for the file, then signs, then puts, then writes the ledger', async () => {
    const calls: string[] = [];
    await issue({
      files: noted(world.files, 'files', calls),
      keys: noted(world.keys, 'keys', calls),
      store: noted(world.store, 'store', calls),
      ledger: noted(world.ledger, 'ledger', calls),
    });
    expect(calls).toEqual(['files.head', 'keys.keyFor', 'store.put', 'ledger.append']);
  });
});

describe('no link is issued', () => {
  test('for a file that is not there', async () => {
    expect(await issue({}, { asset: assetName('nothing.pdf') })).toEqual({
      ok: false,
      error: { code: 'asset_not_found' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test('for a file that is archived, which may be asked for again in an hour', async () => {
    world.files.archive('report.pdf');
    expect(await issue()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expect(world.store.records.size).toBe(0);
  });

  test.each(['head', 'keyFor', 'put'] as const)(
    'when %s fails, and nothing is left behind',
    async (method) => {
      const error = new Unavailable('a port', 'down');
      const fault = { lose: 'request', error } as const;
      const broken = {
        head: { files: faulty(world.files, 'head', fault) },
        keyFor: { keys: faulty(world.keys, 'keyFor', fault) },
        put: { store: faulty(world.store, 'put', fault) },
      }[method];
      await expect(issue(broken)).rejects.toBe(error);
      expect(world.store.records.size).toBe(0);
      expect(world.ledger.entries).toEqual([]);
    },
  );

  test('when the ledger cannot be written: the caller gets no token of a record without a history', async () => {
    const error = new Unavailable('ledger', 'down');
    await expect(issue({ ledger: faulty(world.ledger, 'append', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
  });
});
