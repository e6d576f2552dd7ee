import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { issuedEntry } from '../../../lambda/domain/issued-entry.ts';
import { type RequestLinkDependencies, requestLink } from '../../../lambda/domain/request-link.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld } from '../../support/memory-world.ts';
import { assetName, email } from '../../support/values.ts';

const ACCEPTED = { ok: true, value: undefined };

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
  world.files.offer('report.pdf');
  world.files.offer('other.pdf');
});

const ask = (
  deps: Partial<RequestLinkDependencies> = {},
  address = 'ada@example.org',
  asset = 'report.pdf',
) => requestLink({ ...world, ...deps }, { address: email(address), asset: assetName(asset) });

const records = () => [...world.store.records.values()];
const events = () => world.ledger.entries.map((entry) => entry.event);
const refusals = () =>
  world.ledger.entries.flatMap((entry) => (entry.event === 'refused' ? [entry.reason] : []));

/** Everything that was counted for an address or the deployment; sources are counted apart. */
const counted = () => ['cooldown/', 'address/', 'deployment'].map((name) => world.quota.countOf(name));

describe('a request for a link', () => {
  test('puts one record, confirmed by a button, for the configured lifetime', async () => {
    expect(await ask()).toEqual(ACCEPTED);
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

  test('remembers the language of who asked, and English where that was not said', async () => {
    await ask();
    const asking = { address: email('ada@example.org'), asset: assetName('other.pdf') };
    await requestLink(world, { ...asking, language: 'fr' });
    expect(records().map(({ language }) => language)).toEqual(['en', 'fr']);
  });

  test('queues nothing but the id of the record', async () => {
    await ask();
    expect(world.queue.messages).toEqual(records().map(({ tokenId }) => tokenId));
  });

  test('answers the same to everyone: no token, no id', async () => {
    expect(await ask()).toEqual(ACCEPTED);
    expect(JSON.stringify([records(), world.queue.messages, world.ledger.entries])).not.toContain('tvm_');
  });

  test('writes down to whom it was issued, so that a new link can be asked for', async () => {
    await ask();
    const [record] = records();
    if (record === undefined) throw new Error('no record');
    expect(world.ledger.entries).toEqual([issuedEntry(record, world.clock())]);
    expect(world.ledger.entries).toMatchObject([{ issuedBy: 'public', address: record.recipient?.address }]);
  });

  test('puts the record before the queue hears of it', async () => {
    const calls: string[] = [];
    await ask({
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

  test('is refused for a file that is not there, and not counted', async () => {
    expect(await ask({}, 'ada@example.org', 'nothing.pdf')).toEqual({
      ok: false,
      error: { code: 'asset_not_found' },
    });
    expect(counted()).toEqual([0, 0, 0]);
  });

  test('is put off for an hour for a file that is archived, and not counted', async () => {
    world.files.archive('report.pdf');
    expect(await ask()).toEqual({ ok: false, error: { code: 'unavailable', retryAfterSeconds: 3600 } });
    expect(counted()).toEqual([0, 0, 0]);
  });
});

describe('when a service fails', () => {
  const error = new Unavailable('a port', 'down');

  test.each(['head', 'pseudonyms'] as const)('before anything was counted, nothing is: %s', async (what) => {
    const broken = {
      head: { files: faulty(world.files, 'head', { lose: 'request', error }) },
      pseudonyms: { pseudonyms: faulty(world.pseudonyms, 'of', { lose: 'request', error }) },
    }[what];
    await expect(ask(broken)).rejects.toBe(error);
    expect(counted()).toEqual([0, 0, 0]);
  });

  test.each([
    ['put', 'request'],
    ['put', 'answer'],
    ['append', 'request'],
    ['append', 'answer'],
    ['send', 'request'],
    ['send', 'answer'],
  ] as const)(
    'gives back what was counted when %s loses its %s, so that the next try is served',
    async (method, lose) => {
      const broken = {
        put: { store: faulty(world.store, 'put', { lose, error }) },
        append: { ledger: faulty(world.ledger, 'append', { lose, error }) },
        send: { queue: faulty(world.queue, 'send', { lose, error }) },
      }[method];
      await expect(ask(broken)).rejects.toBe(error);
      expect(counted()).toEqual([0, 0, 0]);
      const queuedBefore = world.queue.messages.length;
      expect(await ask()).toEqual(ACCEPTED);
      expect(world.queue.messages).toHaveLength(queuedBefore + 1);
      expect(refusals()).toEqual([]);
    },
  );

  test.each([
    [0, 'request'],
    [1, 'request'],
    [2, 'request'],
    [0, 'answer'],
    [1, 'answer'],
  ] as const)(
    'gives back what may have been counted when the quota fails after %i counts by losing its %s',
    async (after, lose) => {
      let left = after;
      const quota: RequestLinkDependencies['quota'] = {
        refund: (counter) => world.quota.refund(counter),
        look: (counter) => world.quota.look(counter),
        take: async (counter) => {
          if (left === 0 && lose === 'request') throw error;
          const answer = await world.quota.take(counter);
          if (left === 0) throw error;
          left -= 1;
          return answer;
        },
      };
      await expect(ask({ quota })).rejects.toBe(error);
      expect(counted().slice(0, 2)).toEqual([0, 0]);
      expect(await ask()).toEqual(ACCEPTED);
      expect(world.queue.messages).toHaveLength(1);
    },
  );

  test('says so when what was counted cannot be given back, and still throws the cause', async () => {
    const store = faulty(world.store, 'put', { lose: 'request', error });
    const quota = faulty(world.quota, 'refund', {
      lose: 'request',
      error: new Unavailable('quota', 'down'),
    });
    await expect(ask({ store, quota })).rejects.toBe(error);
    expect(world.incidents.map(({ incident }) => incident)).toEqual(Array(4).fill('quota-return-failed'));
  });

  test('queues nothing for a record that was not put', async () => {
    await expect(ask({ store: faulty(world.store, 'put', { lose: 'request', error }) })).rejects.toBe(error);
    expect(world.queue.messages).toEqual([]);
    expect(events()).toEqual([]);
  });
});
