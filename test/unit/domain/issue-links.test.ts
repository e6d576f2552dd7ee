import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { type CallerId, type Cidr, epochSeconds } from '../../../lambda/domain/ids.ts';
import { type IssueLinksDependencies, issueLinks } from '../../../lambda/domain/issue-links.ts';
import { type IssueLinksRequest, LARGEST_STREAM } from '../../../lambda/domain/plan-links.ts';
import { presenceCodeOf } from '../../../lambda/domain/presence-code.ts';
import type { Asset } from '../../../lambda/domain/records.ts';
import { fail, ok } from '../../../lambda/domain/result.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { linkRequest } from '../../support/link-request.ts';
import { CALLER, createMemoryWorld, type MemoryWorld, tokenOf } from '../../support/memory-world.ts';
import { PRESENCE_KEY } from '../../support/presence-codes.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { assetName, email } from '../../support/values.ts';

const OTHER_CALLER = {
  arn: 'arn:aws:iam::111122223333:role/invoices',
  id: 'AROAINVOICES' as CallerId,
} as const;
const KEYED = { name: 'a-request', digest: 'a-digest' };
const ADA = email('Ada+files@example.org');
const EVE = email('eve@example.org');

let world: MemoryWorld;
let asset: Asset;

beforeEach(() => {
  world = createMemoryWorld();
  asset = world.files.offer('report.pdf');
});

const issue = (
  request: Partial<IssueLinksRequest> = {},
  deps: Partial<IssueLinksDependencies> = {},
  repetition?: typeof KEYED,
) => issueLinks({ ...world, ...deps }, linkRequest({ language: 'de', ...request }), repetition);

async function issueAll(...args: Parameters<typeof issue>) {
  const links = await issue(...args);
  if (!links.ok) throw new Error(`not issued: ${links.error.code}`);
  return links.value;
}

async function issueOne(...args: Parameters<typeof issue>) {
  const [link] = await issueAll(...args);
  if (link === undefined) throw new Error('no link');
  return link;
}

const redeem = (token: string) => redeemToken(world, redeemRequest(token));

describe('issuing API links', () => {
  test('issuing a link writes a record with the requested terms, but without the token', async () => {
    const { record, token } = await issueOne({
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

  test('each token of an issued batch can be redeemed once', async () => {
    const links = await issueAll({ count: 100 });
    expect(new Set(links.map(({ record }) => record.tokenId)).size).toBe(100);
    expect(world.store.records.size).toBe(100);
    for (const { record, token } of links) {
      expect(token).toBe(tokenOf(world, record));
      expect((await redeem(token)).ok).toBe(true);
      expect((await redeem(token)).ok).toBe(false);
    }
  });

  test("the issued entry holds the link's terms, the issuer's note, and the notice address", async () => {
    const { record } = await issueOne({ note: 'for the board', notify: email('eve@example.org') });
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

  test('a link with a recipient is mailed, and recorded under the pseudonym of the normalized address', async () => {
    const { record } = await issueOne({ recipient: ADA });
    const pseudonym = await world.pseudonyms.of('address', 'ada@example.org');
    expect(record).toMatchObject({ recipient: { address: ADA, pseudonym }, language: 'de' });
    expect(world.ledger.entries).toMatchObject([{ address: ADA, pseudonym }]);
    expect(world.queue.messages).toEqual([record.tokenId]);
  });

  test('once the daily quota shared by all callers is used up, only links without an e-mail are issued', async () => {
    const limits = { callerMailsPerDay: 10, programMailsPerDay: 1 };
    await issueOne({ recipient: ADA }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toEqual({
      ok: false,
      error: { code: 'unavailable', retryAfterSeconds: 86_400 },
    });
    expect(world.store.records.size).toBe(1);
    await issueOne({}, { limits });
  });

  test('issuing looks up the file, gets the key, writes the record and the ledger entry, and then queues the e-mail', async () => {
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

describe('refusing to issue links', () => {
  test('no link is issued for a missing file', async () => {
    expect(await issue({ asset: assetName('nothing.pdf') })).toEqual({
      ok: false,
      error: { code: 'asset_not_found' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test('no link is issued for an archived file, and the caller is told to retry in an hour', async () => {
    world.files.archive('report.pdf');
    expect(await issue()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expect(world.store.records.size).toBe(0);
  });

  test('a streamed link is issued for the largest file that Lambda can stream, and for no larger one', async () => {
    world.files.offer('report.pdf', { size: LARGEST_STREAM + 1 });
    expect(await issue({ delivery: 'stream' })).toEqual({ ok: false, error: { code: 'asset_too_large' } });
    expect((await issue({ delivery: 'redirect' })).ok).toBe(true);
    world.files.offer('report.pdf', { size: LARGEST_STREAM });
    expect((await issue({ delivery: 'stream' })).ok).toBe(true);
  });

  test('a link for a stamped copy is issued after the file has been stamped once for its recipient', async () => {
    const marks: unknown[] = [];
    const stamper: typeof world.stamper = {
      stamp: async (pdf, mark) => {
        marks.push(mark.names);
        return world.stamper.stamp(pdf, mark);
      },
    };
    world.files.offer('report.pdf', { sha256: '0'.repeat(64) });
    const request = { delivery: 'watermark', watermarkName: 'Ada', recipient: ADA } as const;
    const { record } = await issueOne(request, { stamper });
    expect(marks).toEqual([['Ada', ADA]]);
    expect(record).toMatchObject({ delivery: 'watermark', watermarkName: 'Ada' });
    expect(record.asset).not.toHaveProperty('sha256');
    expect(world.ledger.entries[0]).toMatchObject({ delivery: 'watermark', watermarkName: 'Ada' });
    expect(world.files.openFiles).toBe(0);
  });

  test.each([
    'pdf_encrypted',
    'pdf_signed',
    'pdf_unreadable',
    'pdf_too_large',
    'pdf_too_complex',
    'name_unprintable',
  ] as const)('nothing is issued, counted, or mailed if the stamper returns %s', async (code) => {
    const stamper = { stamp: async () => fail({ code }) };
    const calls: string[] = [];
    const quota = noted(world.quota, 'quota', calls);
    const refused = await issue({ delivery: 'watermark', recipient: ADA }, { stamper, quota });
    expect(refused).toEqual({ ok: false, error: { code } });
    expect(world.store.records.size).toBe(0);
    expect(world.ledger.entries).toEqual([]);
    expect(calls).toEqual([]);
    expect(world.files.openFiles).toBe(0);
  });

  test('nothing is issued if the stamped copy of a small file is too large to be streamed', async () => {
    const stamper = { stamp: async () => ok(new Uint8Array(LARGEST_STREAM + 1)) };
    const refused = await issue({ delivery: 'watermark' }, { stamper });
    expect(refused).toEqual({ ok: false, error: { code: 'pdf_too_large' } });
    expect(world.store.records.size).toBe(0);
  });

  test('no link for a stamped copy is issued without a stamper', async () => {
    expect(await issue({ delivery: 'watermark' }, { stamper: undefined })).toEqual({
      ok: false,
      error: { code: 'invalid_request', field: 'watermark' },
    });
  });

  test('a link to a file that is tagged for watermarks is always for a stamped copy', async () => {
    world.files.offer('report.pdf', { watermark: true });
    expect((await issueOne({ delivery: 'redirect' })).record.delivery).toBe('watermark');
  });

  test('a link that asks for a code is issued with one, and every repeated request gets the same code', async () => {
    const deps = { presenceKey: async () => PRESENCE_KEY };
    const wanted = { presenceCode: true, count: 2 } as const;
    const links = await issueAll(wanted, deps, KEYED);
    for (const { record, presenceCode } of links) {
      expect(presenceCode).toBe(presenceCodeOf(record.tokenId, PRESENCE_KEY));
      expect(record).toMatchObject({ presenceCode: true });
    }
    expect(await issueAll(wanted, deps, KEYED)).toEqual(links);
    const [{ token, presenceCode: code } = { token: '', presenceCode: '' }] = links;
    const redeemed = await redeemToken({ ...world, ...deps }, redeemRequest(token, { code }));
    expect(redeemed.ok).toBe(true);
  });

  test('no link that asks for a code is issued if codes are turned off', async () => {
    expect(await issue({ presenceCode: true })).toEqual({
      ok: false,
      error: { code: 'invalid_request', field: 'presenceCode' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test('no link is issued to a recipient who is not allowed, and the file is not even looked up', async () => {
    const calls: string[] = [];
    const files = noted(world.files, 'files', calls);
    const refused = await issue({ recipient: ADA }, { files, isAllowedRecipient: () => false });
    expect(refused).toEqual({ ok: false, error: { code: 'recipient_not_allowed' } });
    expect(calls).toEqual([]);
  });

  test('no link is issued if the notice would go to an address that is not allowed', async () => {
    const deps = { isAllowedRecipient: (address: string) => address !== EVE };
    expect(await issue({ notify: EVE }, deps)).toEqual({
      ok: false,
      error: { code: 'recipient_not_allowed' },
    });
    expect(world.store.records.size).toBe(0);
  });

  test.each(['head', 'keyFor', 'put'] as const)(
    'no link is issued if %s() fails, and neither record nor ledger entry is written',
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

  test('the caller gets no token if the issued entry cannot be written', async () => {
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    await expect(issue({}, { ledger })).rejects.toBe(error);
  });
});

describe('counting the e-mails for API links', () => {
  test("e-mails count against their caller's quota first, so that one caller cannot use up the shared quota", async () => {
    const limits = { callerMailsPerDay: 2, programMailsPerDay: 3 };
    await issueOne({ recipient: ADA }, { limits });
    await issueOne({ recipient: ADA }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', retryAfterSeconds: 86_400 },
    });
    await issueOne({ recipient: ADA, caller: OTHER_CALLER }, { limits });
    expect(world.quota.countOf('program-mails')).toBe(3);
  });

  test("a request beyond the shared quota does not count against its caller's own quota", async () => {
    const limits = { callerMailsPerDay: 10, programMailsPerDay: 1 };
    await issueOne({ recipient: ADA, caller: OTHER_CALLER }, { limits });
    expect(await issue({ recipient: ADA }, { limits })).toMatchObject({ error: { code: 'unavailable' } });
    expect(world.quota.countOf(`caller-mails/${CALLER.id}`)).toBe(0);
  });

  test('a requested notice is not counted before it is sent', async () => {
    await issueAll({ count: 100, notify: EVE });
    expect(world.quota.countOf('')).toBe(0);
  });

  test("an e-mail with an API link does not count against the form's mail quota", async () => {
    await issueOne({ recipient: ADA });
    expect(world.quota.countOf('form-mails')).toBe(0);
  });

  test('the quota is refunded if the links could not be issued and the request has no idempotency key', async () => {
    const error = new Unavailable('token store', 'down');
    const store = faulty(world.store, 'put', { lose: 'request', error });
    await expect(issue({ recipient: ADA, notify: EVE }, { store })).rejects.toBe(error);
    expect(world.quota.countOf('')).toBe(0);
  });
});

test('the seal of a record is not part of the token, and cannot be redeemed in its place', async () => {
  const { record, token } = await issueOne();
  expect(token).not.toContain(record.seal);
  expect((await redeem(`tvm_${record.seal}`)).ok).toBe(false);
});

describe('repeating a request with the same idempotency key', () => {
  test('a repeated request returns the same links, even in another month and after the file was replaced', async () => {
    world.time.moveTo(new Date('2031-05-31T23:59:55Z'));
    const first = await issueAll({ count: 3 }, {}, KEYED);
    world.time.moveTo(new Date('2031-06-01T00:00:05Z'));
    world.files.offer('report.pdf');
    expect(await issueAll({ count: 3 }, {}, KEYED)).toEqual(first);
    expect(world.store.records.size).toBe(3);
    expect(world.ledger.entries).toHaveLength(3);
  });

  test('a repeated request does not revive a link that has been redeemed or revoked', async () => {
    const [redeemed, revoked] = await issueAll({ count: 2 }, {}, KEYED);
    await redeem(redeemed?.token ?? '');
    if (revoked === undefined) throw new Error('no link');
    await revokeToken(world, revoked.record.tokenId, { by: CALLER.arn, reach: { kind: 'all' } });
    await issueAll({ count: 2 }, {}, KEYED);
    expect(world.store.records.size).toBe(0);
  });

  test('a repeated request completes the first one after a failure, and sends one e-mail', async () => {
    const error = new Unavailable('mail queue', 'down');
    const queue = faulty(world.queue, 'send', { lose: 'request', error });
    await expect(issue({ recipient: ADA }, { queue }, KEYED)).rejects.toBe(error);
    const { record } = await issueOne({ recipient: ADA }, {}, KEYED);
    await issueOne({ recipient: ADA }, {}, KEYED);
    expect([...world.store.records.keys()]).toEqual([record.tokenId]);
    expect(world.queue.messages).toEqual([record.tokenId]);
  });

  test('twenty simultaneous requests issue one link and count as one e-mail', async () => {
    const limits = { callerMailsPerDay: 100, programMailsPerDay: 100 };
    const links = await Promise.all(
      Array.from({ length: 20 }, () => issueOne({ recipient: ADA }, { limits }, KEYED)),
    );
    expect(new Set(links.map(({ token }) => token)).size).toBe(1);
    expect(world.store.records.size).toBe(1);
    for (let n = 0; n < 99; n += 1) await issueOne({ recipient: ADA }, { limits });
    expect((await issue({ recipient: ADA }, { limits })).ok).toBe(false);
  });

  test('a different request with the same idempotency key is refused', async () => {
    await issueAll({}, {}, KEYED);
    expect(await issue({ count: 2 }, {}, { ...KEYED, digest: 'another-digest' })).toEqual({
      ok: false,
      error: { code: 'idempotency_key_reused' },
    });
    expect(world.store.records.size).toBe(1);
  });

  test('the stored plan contains no token, address, or note', async () => {
    const { token } = await issueOne({ recipient: ADA, note: 'for the board', notify: ADA }, {}, KEYED);
    const kept = JSON.stringify([...world.planRows.values()]);
    // `ada` alone could be part of a random ID.
    for (const secret of [token, 'ada@', 'board']) expect(kept.toLowerCase()).not.toContain(secret);
  });

  test('a link is issued even if the plan cannot be marked as carried out, and an incident is reported', async () => {
    const error = new Unavailable('issue plans', 'down');
    const plans = faulty(world.plans, 'markCarriedOut', { lose: 'request', error });
    const { record } = await issueOne({}, { plans }, KEYED);
    expect(world.incidents).toEqual([{ incident: 'plan-mark-failed', tokenId: record.tokenId }]);
    expect((await issueOne({}, {}, KEYED)).record).toEqual(record);
  });
});
