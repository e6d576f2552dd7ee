import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { issuedEntry } from '../../../lambda/domain/mint-token.ts';
import { presenceCodeOf } from '../../../lambda/domain/presence-code.ts';
import { type RequestLinkDependencies, requestLink } from '../../../lambda/domain/request-link.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld } from '../../support/memory-world.ts';
import { PRESENCE_KEY } from '../../support/presence-codes.ts';
import { assetName, email } from '../../support/values.ts';

const ACCEPTED = { ok: true, value: {} };

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
  world.files.offer('report.pdf');
  world.files.offer('other.pdf');
});

const request = (
  deps: Partial<RequestLinkDependencies> = {},
  address = 'ada@example.org',
  asset = 'report.pdf',
) => requestLink({ ...world, ...deps }, { address: email(address), asset: assetName(asset) });

const records = () => [...world.store.records.values()];
const events = () => world.ledger.entries.map((entry) => entry.event);

/** Returns the counts for addresses and for the whole form, but not for sources. */
const counted = () => ['cooldown/', 'address/', 'form-mails'].map((name) => world.quota.countOf(name));

describe('a request for a link', () => {
  test('a request issues one link, which has the configured lifetime and must be confirmed with a button', async () => {
    expect(await request()).toEqual(ACCEPTED);
    const now = epochSeconds(world.clock());
    expect(records()).toMatchObject([
      {
        issuedBy: 'public',
        open: 'confirm',
        issuedAt: now,
        expiresAt: now + 900,
        keyEpoch: 376,
        asset: { name: 'report.pdf' },
        recipient: { address: 'ada@example.org' },
      },
    ]);
  });

  test('a link asks for a presence code if codes are turned on, and only the requester sees the code', async () => {
    const requested = await request({ presenceKey: async () => PRESENCE_KEY });
    const [record] = records();
    if (record === undefined) throw new Error('no record');
    const presenceCode = presenceCodeOf(record.tokenId, PRESENCE_KEY);
    expect(requested).toEqual({ ok: true, value: { presenceCode } });
    expect(record.presenceCode).toBe(true);
    expect(JSON.stringify([record, world.ledger.entries, world.queue.messages])).not.toContain(presenceCode);
  });

  test('a link has the delivery that the operator chose', async () => {
    await request({ delivery: 'proxy' });
    expect(records().map(({ delivery }) => delivery)).toEqual(['proxy']);
  });

  test('a link has the language of its request, or English if the request has none', async () => {
    await request();
    const details = { address: email('ada@example.org'), asset: assetName('other.pdf') };
    await requestLink(world, { ...details, language: 'fr' });
    expect(records().map(({ language }) => language)).toEqual(['en', 'fr']);
  });

  test('the mail queue gets nothing but the token ID', async () => {
    await request();
    expect(world.queue.messages).toEqual(records().map(({ tokenId }) => tokenId));
  });

  test('the response contains neither the token nor its ID, and the token is stored nowhere', async () => {
    expect(await request()).toEqual(ACCEPTED);
    expect(JSON.stringify([records(), world.queue.messages, world.ledger.entries])).not.toContain('tvm_');
  });

  test('the ledger keeps the address that a link was issued to, so that the link can be renewed', async () => {
    await request();
    const [record] = records();
    if (record === undefined) throw new Error('no record');
    expect(world.ledger.entries).toEqual([issuedEntry(record, world.clock())]);
    expect(world.ledger.entries).toMatchObject([{ issuedBy: 'public', address: record.recipient?.address }]);
  });

  test('a request writes the record and the ledger entry before it queues the e-mail', async () => {
    const calls: string[] = [];
    await request({
      files: noted(world.files, 'files', calls),
      quota: noted(world.quota, 'quota', calls),
      store: noted(world.store, 'store', calls),
      ledger: noted(world.ledger, 'ledger', calls),
      queue: noted(world.queue, 'queue', calls),
    });
    expect(calls).toEqual([
      'files.head',
      'quota.look',
      'quota.take',
      'quota.take',
      'quota.take',
      'quota.take',
      'store.put',
      'ledger.append',
      'queue.send',
    ]);
  });

  test('a request for a missing file is refused and not counted', async () => {
    expect(await request({}, 'ada@example.org', 'nothing.pdf')).toEqual({
      ok: false,
      error: { code: 'asset_not_found' },
    });
    expect(counted()).toEqual([0, 0, 0]);
  });

  test('a request for an archived file can be retried in an hour and is not counted', async () => {
    world.files.archive('report.pdf');
    expect(await request()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expect(counted()).toEqual([0, 0, 0]);
  });
});

describe('a request for a link when a service fails', () => {
  const error = new Unavailable('a port', 'down');

  test.each(['head', 'of'] as const)(
    'a request is not counted if %s() fails before counting',
    async (method) => {
      const broken = {
        head: { files: faulty(world.files, 'head', { lose: 'request', error }) },
        of: { pseudonyms: faulty(world.pseudonyms, 'of', { lose: 'request', error }) },
      }[method];
      await expect(request(broken)).rejects.toBe(error);
      expect(counted()).toEqual([0, 0, 0]);
    },
  );

  test.each([
    ['put', 'request'],
    ['put', 'response'],
    ['append', 'request'],
    ['append', 'response'],
    ['send', 'request'],
    ['send', 'response'],
  ] as const)(
    'the quota is refunded if %s() loses its %s, so that the next request succeeds',
    async (method, lose) => {
      const broken = {
        put: { store: faulty(world.store, 'put', { lose, error }) },
        append: { ledger: faulty(world.ledger, 'append', { lose, error }) },
        send: { queue: faulty(world.queue, 'send', { lose, error }) },
      }[method];
      await expect(request(broken)).rejects.toBe(error);
      expect(counted()).toEqual([0, 0, 0]);
      const queuedBefore = world.queue.messages.length;
      expect(await request()).toEqual(ACCEPTED);
      expect(world.queue.messages).toHaveLength(queuedBefore + 1);
      expect(world.ledger.refusals).toEqual([]);
    },
  );

  test.each([
    [0, 'request'],
    [1, 'request'],
    [2, 'request'],
    [0, 'response'],
    [1, 'response'],
  ] as const)('the quota is refunded if the take() call at index %i loses its %s', async (after, lose) => {
    let left = after;
    const quota: RequestLinkDependencies['quota'] = {
      refund: (counter) => world.quota.refund(counter),
      look: (counter) => world.quota.look(counter),
      take: async (counter) => {
        if (left === 0 && lose === 'request') throw error;
        const response = await world.quota.take(counter);
        if (left === 0) throw error;
        left -= 1;
        return response;
      },
    };
    await expect(request({ quota })).rejects.toBe(error);
    expect(counted().slice(0, 2)).toEqual([0, 0]);
    expect(await request()).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(1);
  });

  test('each counter whose refund fails is reported, and the request still throws the first error', async () => {
    const store = faulty(world.store, 'put', { lose: 'request', error });
    const quota = faulty(world.quota, 'refund', {
      lose: 'request',
      error: new Unavailable('quota', 'down'),
    });
    await expect(request({ store, quota })).rejects.toBe(error);
    expect(world.incidents.map(({ incident }) => incident)).toEqual(Array(4).fill('quota-return-failed'));
  });

  test('no e-mail is queued for a record that could not be written', async () => {
    await expect(request({ store: faulty(world.store, 'put', { lose: 'request', error }) })).rejects.toBe(
      error,
    );
    expect(world.queue.messages).toEqual([]);
    expect(events()).toEqual([]);
  });
});
