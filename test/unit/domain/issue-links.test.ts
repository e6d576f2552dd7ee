import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { type CallerId, type Cidr, epochSeconds } from '../../../lambda/domain/ids.ts';
import { type IssueLinksDependencies, issueLinks } from '../../../lambda/domain/issue-links.ts';
import { type IssueLinksRequest, LARGEST_STREAM } from '../../../lambda/domain/plan-links.ts';
import type { Asset } from '../../../lambda/domain/records.ts';
import { redeemToken } from '../../../lambda/domain/redemption.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { CALLER, createMemoryWorld, type MemoryWorld, tokenOf } from '../../support/memory-world.ts';
import { assetName, email } from '../../support/values.ts';

const OTHER = { arn: 'arn:aws:iam::111122223333:role/invoices', id: 'AROAINVOICES' as CallerId } as const;
const NAMED = { name: 'a-name', digest: 'what-was-asked' };
const ADA = email('Ada+files@example.org');

let world: MemoryWorld;
let asset: Asset;

beforeEach(() => {
  world = createMemoryWorld();
  asset = world.files.offer('report.pdf');
});

const issue = (
  request: Partial<IssueLinksRequest> = {},
  deps: Partial<IssueLinksDependencies> = {},
  repetition?: typeof NAMED,
) =>
  issueLinks(
    { ...world, ...deps },
    {
      asset: asset.name,
      caller: CALLER,
      lifetimeSeconds: 3600,
      open: 'confirm',
      delivery: 'redirect',
      count: 1,
      language: 'de',
      ...request,
    },
    repetition,
  );

async function issued(...args: Parameters<typeof issue>) {
  const links = await issue(...args);
  if (!links.ok) throw new Error(`not issued: ${links.error.code}`);
  return links.value;
}

async function one(...args: Parameters<typeof issue>) {
  const [link] = await issued(...args);
  if (link === undefined) throw new Error('no link');
  return link;
}

const redeem = (token: string) =>
  redeemToken(world, { token, opening: 'confirm', sourceAddress: '192.0.2.7', userAgent: '' });

describe('issuing links to a trusted program', () => {
  test('puts a record that holds what was asked for, and no token', async () => {
    const { record, token } = await one({
      open: 'direct',
      delivery: 'stream',
      allowedCidrs: ['192.0.2.0/24' as Cidr],
    });
    const now = epochSeconds(world.clock());
    expect(record).toEqual({
      tokenId: expect.stringMatching(/^a[0-9a-f]{31}$/),
      asset,
      issuedBy: CALLER.arn,
      callerId: CALLER.id,
      issuedAt: now,
      keyEpoch: 376,
      expiresAt: now + 3600,
      open: 'direct',
      delivery: 'stream',
      allowedCidrs: ['192.0.2.0/24'],
      seal: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    });
    expect([...world.store.records.values()]).toEqual([record]);
    expect(JSON.stringify([...world.store.records.values(), world.ledger.entries])).not.toContain(token);
  });

  test('answers with the tokens of those records, each of which redeems once', async () => {
    const links = await issued({ count: 100 });
    expect(new Set(links.map(({ record }) => record.tokenId)).size).toBe(100);
    expect(world.store.records.size).toBe(100);
    for (const { record, token } of links) {
      expect(token).toBe(tokenOf(world, record));
      expect((await redeem(token)).ok).toBe(true);
      expect((await redeem(token)).ok).toBe(false);
    }
  });

  test('writes into the ledger what the link was issued as, the issuer’s own words among it', async () => {
    const { record } = await one({ note: 'for the board', notify: email('eve@example.org') });
    expect(world.ledger.entries).toEqual([
      {
        event: 'issued',
        tokenId: record.tokenId,
        at: world.clock(),
        asset: asset.name,
        fileName: 'report.pdf',
        size: asset.size,
        issuedBy: CALLER.arn,
        callerId: CALLER.id,
        expiresAt: record.expiresAt,
        open: 'confirm',
        delivery: 'redirect',
        language: 'de',
        note: 'for the board',
        notify: 'eve@example.org',
      },
    ]);
    expect(record).toMatchObject({ wantsNotice: true, language: 'de' });
    expect(JSON.stringify(record)).not.toContain('eve@');
    expect(JSON.stringify(record)).not.toContain('board');
    expect(world.queue.messages).toEqual([]);
  });

  test('mails a link that has a recipient, under the pseudonym that its folded address has', async () => {
    const { record } = await one({ recipient: ADA });
    const pseudonym = await world.pseudonyms.of('address', 'ada@example.org');
    expect(record).toMatchObject({ recipient: { address: ADA, pseudonym }, language: 'de' });
    expect(world.ledger.entries).toMatchObject([{ address: ADA, pseudonym }]);
    expect(world.queue.messages).toEqual([record.tokenId]);
  });

  test('counts its mail against the day of all callers, and issues nothing when that day is full', async () => {
    const limits = { callerMailsPerDay: 10, programMailsPerDay: 1 };
    await one({ recipient: ADA }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toEqual({
      ok: false,
      error: { code: 'unavailable', retryAfterSeconds: 86_400 },
    });
    expect(world.store.records.size).toBe(1);
    await one({}, { limits });
  });

  test('looks for the file, then signs, then puts, writes the ledger and queues the mail', async () => {
    const calls: string[] = [];
    await issue(
      { recipient: ADA },
      {
        files: noted(world.files, 'files', calls),
        keys: noted(world.keys, 'keys', calls),
        store: noted(world.store, 'store', calls),
        ledger: noted(world.ledger, 'ledger', calls),
        queue: noted(world.queue, 'queue', calls),
      },
    );
    expect(calls).toEqual(['files.head', 'keys.keyFor', 'store.put', 'ledger.append', 'queue.send']);
  });
});

describe('no link is issued', () => {
  test('for a file that is not there', async () => {
    expect(await issue({ asset: assetName('nothing.pdf') })).toEqual({
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

  test('for a stream of more than the platform sends, and for one byte less it is', async () => {
    world.files.offer('report.pdf', { size: LARGEST_STREAM + 1 });
    expect(await issue({ delivery: 'stream' })).toEqual({ ok: false, error: { code: 'asset_too_large' } });
    expect((await issue({ delivery: 'redirect' })).ok).toBe(true);
    world.files.offer('report.pdf', { size: LARGEST_STREAM });
    expect((await issue({ delivery: 'stream' })).ok).toBe(true);
  });

  test('to an address that may not receive files, and nothing is looked at', async () => {
    const calls: string[] = [];
    const files = noted(world.files, 'files', calls);
    const refused = await issue({ recipient: ADA }, { files, isAllowedRecipient: () => false });
    expect(refused).toEqual({ ok: false, error: { code: 'recipient_not_allowed' } });
    expect(calls).toEqual([]);
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
      await expect(issue({}, broken)).rejects.toBe(error);
      expect(world.store.records.size).toBe(0);
      expect(world.ledger.entries).toEqual([]);
    },
  );

  test('when the ledger cannot be written: the caller gets no token of a record without a history', async () => {
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    await expect(issue({}, { ledger })).rejects.toBe(error);
  });
});

describe('the mails that links lead to', () => {
  const EVE = email('eve@example.org');

  test('count against their caller first, so that one caller leaves the others their share', async () => {
    const limits = { callerMailsPerDay: 2, programMailsPerDay: 3 };
    await one({ recipient: ADA }, { limits });
    await one({ recipient: ADA }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', retryAfterSeconds: 86_400 },
    });
    await one({ recipient: ADA, caller: OTHER }, { limits });
    expect(world.quota.countOf('program-mails')).toBe(3);
  });

  test('cost a caller nothing of its share when the day of all callers is full', async () => {
    const limits = { callerMailsPerDay: 10, programMailsPerDay: 1 };
    await one({ recipient: ADA, caller: OTHER }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toMatchObject({ error: { code: 'unavailable' } });
    expect(world.quota.countOf(`caller-mails/${CALLER.id}`)).toBe(0);
  });

  test('are not counted when a notice is asked for: a notice counts when it is sent', async () => {
    await issued({ count: 100, notify: EVE });
    expect(world.quota.countOf('')).toBe(0);
  });

  test('leave the mails of the form alone', async () => {
    await one({ recipient: ADA });
    expect(world.quota.countOf('form-mails')).toBe(0);
  });

  test('go to nobody whom the operator does not let have files, to tell of a redemption neither', async () => {
    const deps = { isAllowedRecipient: (address: string) => address !== EVE };
    expect(await issue({ notify: EVE }, deps)).toEqual({
      ok: false,
      error: { code: 'recipient_not_allowed' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test('are given back when the links could not be issued, and cannot be asked for again', async () => {
    const error = new Unavailable('token store', 'down');
    const store = faulty(world.store, 'put', { lose: 'request', error });
    await expect(issue({ recipient: ADA, notify: EVE }, { store })).rejects.toBe(error);
    expect(world.quota.countOf('')).toBe(0);
  });
});

test('the seal of a record redeems nothing by itself and is no part of its token', async () => {
  const { record, token } = await one();
  expect(token).not.toContain(record.seal);
  expect((await redeem(`tvm_${record.seal}`)).ok).toBe(false);
});

describe('a repetition of a named request', () => {
  test('has the same links, also after the clock moved, the month turned and the file was replaced', async () => {
    const first = await issued({ count: 3 }, {}, NAMED);
    world.time.moveTo(new Date('2031-06-01T00:00:05Z'));
    world.files.offer('report.pdf');
    expect(await issued({ count: 3 }, {}, NAMED)).toEqual(first);
    expect(world.store.records.size).toBe(3);
    expect(world.ledger.entries).toHaveLength(3);
  });

  test('puts nothing again that was redeemed or revoked since', async () => {
    const [redeemed, revoked] = await issued({ count: 2 }, {}, NAMED);
    await redeem(redeemed?.token ?? '');
    if (revoked === undefined) throw new Error('no link');
    await revokeToken(world, revoked.record.tokenId, { by: CALLER.arn, reach: { kind: 'all' } });
    await issued({ count: 2 }, {}, NAMED);
    expect(world.store.records.size).toBe(0);
  });

  test('finishes what an earlier one began, and mails once', async () => {
    const error = new Unavailable('mail queue', 'down');
    const queue = faulty(world.queue, 'send', { lose: 'request', error });
    await expect(issue({ recipient: ADA }, { queue }, NAMED)).rejects.toBe(error);
    const { record } = await one({ recipient: ADA }, {}, NAMED);
    await one({ recipient: ADA }, {}, NAMED);
    expect([...world.store.records.keys()]).toEqual([record.tokenId]);
    expect(world.queue.messages).toEqual([record.tokenId]);
  });

  test('is counted once, however many come at the same instant', async () => {
    const limits = { callerMailsPerDay: 100, programMailsPerDay: 100 };
    const links = await Promise.all(
      Array.from({ length: 20 }, () => one({ recipient: ADA }, { limits }, NAMED)),
    );
    expect(new Set(links.map(({ token }) => token)).size).toBe(1);
    expect(world.store.records.size).toBe(1);
    for (let n = 0; n < 99; n += 1) await one({ recipient: ADA }, { limits });
    expect((await issue({ recipient: ADA }, { limits })).ok).toBe(false);
  });

  test('is refused when it asks for something else', async () => {
    await issued({}, {}, NAMED);
    expect(await issue({ count: 2 }, {}, { ...NAMED, digest: 'something-else' })).toEqual({
      ok: false,
      error: { code: 'idempotency_key_reused' },
    });
    expect(world.store.records.size).toBe(1);
  });

  test('keeps no token, no address and no word of the issuer', async () => {
    const { token } = await one({ recipient: ADA, note: 'for the board', notify: ADA }, {}, NAMED);
    const kept = JSON.stringify([...world.plans.plans.values()]);
    // Not `ada` alone, which random ids may contain.
    for (const secret of [token, 'ada@', 'board']) expect(kept.toLowerCase()).not.toContain(secret);
  });

  test('answers although the plan could not be marked, which is reported', async () => {
    const error = new Unavailable('issue plans', 'down');
    const plans = faulty(world.plans, 'markCarriedOut', { lose: 'request', error });
    const { record } = await one({}, { plans }, NAMED);
    expect(world.incidents).toEqual([{ incident: 'plan-mark-failed', tokenId: record.tokenId }]);
    expect((await one({}, {}, NAMED)).record).toEqual(record);
  });
});
