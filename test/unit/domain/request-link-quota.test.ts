import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import {
  admitSource,
  type RequestLinkDependencies,
  requestLink,
} from '../../../lambda/domain/request-link.ts';
import { faulty, intercept } from '../../support/intercept.ts';
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
const refusals = () =>
  world.ledger.entries.flatMap((entry) => (entry.event === 'refused' ? [entry.reason] : []));

/** Everything that was counted for an address or the deployment; sources are counted apart. */
const counted = () =>
  ['cooldown/', 'address/', 'address-day/', 'form-mails'].map((name) => world.quota.countOf(name));

describe('what an address did before never shows', () => {
  test('a second request within the cooldown is accepted like any other, and sends nothing', async () => {
    await ask();
    world.time.advance(59);
    expect(await ask()).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(1);
    expect(records()).toHaveLength(1);
    expect(refusals()).toEqual(['cooldown']);
  });

  test('after the cooldown the next link is sent, and the older one still lives', async () => {
    await ask();
    world.time.advance(60);
    await ask();
    expect(world.queue.messages).toHaveLength(2);
    expect(records()).toHaveLength(2);
  });

  test('the sixth request of an hour is accepted like any other, and sends nothing', async () => {
    for (let i = 0; i < 6; i += 1) {
      expect(await ask()).toEqual(ACCEPTED);
      world.time.advance(60);
    }
    expect(world.queue.messages).toHaveLength(5);
    expect(refusals()).toEqual(['address-quota']);
  });

  test('the hour starts with the first request and ends by itself', async () => {
    for (let i = 0; i < 5; i += 1) {
      await ask();
      world.time.advance(60);
    }
    world.time.advance(3600 - 5 * 60);
    await ask();
    expect(world.queue.messages).toHaveLength(6);
  });

  test('a limit on one file locks nobody out of another', async () => {
    await ask();
    await ask({}, 'ada@example.org', 'other.pdf');
    expect(world.queue.messages).toHaveLength(2);
  });

  test('a limit on one address does not touch another', async () => {
    await ask();
    await ask({}, 'grace@example.org');
    expect(world.queue.messages).toHaveLength(2);
  });

  test.each(['ADA@example.org', 'ada+news@example.org', 'Ada+a+b@example.org'])(
    '%s is the same mailbox for counting',
    async (alias) => {
      await ask();
      await ask({}, alias);
      expect(world.queue.messages).toHaveLength(1);
    },
  );

  test('the mail goes to the address as it was given', async () => {
    await ask({}, 'Ada+news@example.org');
    expect(records()[0]?.recipient?.address).toBe('Ada+news@example.org');
  });

  test('an address that may not have files is answered like any other, and not counted itself', async () => {
    expect(await ask({ isAllowedRecipient: () => false })).toEqual(ACCEPTED);
    expect(records()).toEqual([]);
    expect(refusals()).toEqual(['recipient-not-allowed']);
    expect(counted()).toEqual([0, 0, 0, 0]);
  });

  test('a full day is told before anything is known of the address', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await ask({ limits });
    for (const isAllowedRecipient of [() => true, () => false]) {
      expect(await ask({ limits, isAllowedRecipient })).toMatchObject({ error: { code: 'unavailable' } });
    }
  });

  test('a request that sends nothing leaves the day as it is', async () => {
    const limits = { ...world.limits, formMailsPerDay: 2 };
    await ask({ limits });
    for (let i = 0; i < 10; i += 1) expect(await ask({ limits })).toEqual(ACCEPTED);
    for (let i = 0; i < 10; i += 1) await ask({ limits, isAllowedRecipient: () => false });
    await ask({ limits }, 'grace@example.org');
    expect(world.queue.messages).toHaveLength(2);
    expect(refusals()).toHaveLength(20);
  });

  test('past their own limit, requests that send nothing are answered alike and no longer noted', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    const isAllowedRecipient = () => false;
    for (let i = 0; i < 12; i += 1) expect(await ask({ limits, isAllowedRecipient })).toEqual(ACCEPTED);
    expect(refusals()).toHaveLength(10);
  });

  test('a request that finds the day full only after its address was looked at is accepted like any other', async () => {
    const quota = intercept(world.quota, ({ method, proceed }) =>
      method === 'look' ? Promise.resolve({ taken: true }) : proceed(),
    );
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await ask({ limits });
    expect(await ask({ limits, quota }, 'grace@example.org')).toEqual(ACCEPTED);
    expect(refusals()).toEqual(['mail-limit']);
  });

  test('eleven files for one address are ten mails in a day, whatever the spelling of the address', async () => {
    for (let i = 0; i < 11; i += 1) {
      world.files.offer(`file-${i}.pdf`);
      expect(
        await ask({}, 'a.da@gmail.com'.replace('a', 'a'.padEnd(1 + (i % 3), '.')), `file-${i}.pdf`),
      ).toEqual(ACCEPTED);
    }
    expect(world.queue.messages).toHaveLength(10);
    expect(refusals()).toEqual(['address-quota']);
  });

  test('one source has so many mails sent a day, and is told so whatever the address', async () => {
    const limits = { ...world.limits, sourceMailsPerDay: 1 };
    const from = (source: string, address: string) =>
      requestLink({ ...world, limits }, { address: email(address), asset: assetName('report.pdf'), source });
    expect(await from('192.0.2.1', 'ada@example.org')).toEqual(ACCEPTED);
    for (const address of ['ada@example.org', 'grace@example.org']) {
      expect(await from('192.0.2.1', address)).toEqual({
        ok: false,
        error: { code: 'quota_exceeded', retryAfterSeconds: 86_400 },
      });
    }
    expect(await from('192.0.2.2', 'grace@example.org')).toEqual(ACCEPTED);
  });

  test('one source gets a third of the mails to an address, so that a stranger does not use them up', async () => {
    const from = (source: string, asset: string) => {
      world.files.offer(asset);
      return requestLink(world, { address: email('ada@example.org'), asset: assetName(asset), source });
    };
    for (let n = 0; n < 10; n += 1) expect(await from('192.0.2.66', `${n}.pdf`)).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(4);
    expect(await from('198.51.100.7', 'mine.pdf')).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(5);
  });

  test('a day that is full costs a source nothing of its share', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1, sourceMailsPerDay: 1 };
    await ask({ limits });
    const source = '192.0.2.1';
    const request = { address: email('ada@example.org'), asset: assetName('report.pdf'), source };
    for (let n = 0; n < 3; n += 1) {
      expect(await requestLink({ ...world, limits }, request)).toMatchObject({
        error: { code: 'unavailable' },
      });
    }
    expect(world.quota.countOf('source-mails/')).toBe(0);
  });

  test('a silent refusal is written down under a pseudonym only', async () => {
    await ask({ isAllowedRecipient: () => false });
    expect(JSON.stringify(world.ledger.entries)).not.toContain('ada@');
    expect(world.ledger.entries[0]?.pseudonym).toBeDefined();
  });

  test('a silent refusal stays silent when the ledger is down', async () => {
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    expect(await ask({ ledger, isAllowedRecipient: () => false })).toEqual(ACCEPTED);
    expect(world.incidents).toMatchObject([{ incident: 'ledger-write-failed' }]);
  });
});

describe('the ceiling of the whole deployment', () => {
  test('answers 503 with the time until the next day, and sends nothing', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await ask({ limits });
    world.time.advance(100);
    expect(await ask({ limits }, 'grace@example.org')).toEqual({
      ok: false,
      error: { code: 'unavailable', retryAfterSeconds: 86_300 },
    });
    expect(world.queue.messages).toHaveLength(1);
  });

  test('counts nothing against the address that met it', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await ask({ limits });
    await ask({ limits }, 'grace@example.org');
    expect(counted()).toEqual([1, 1, 1, 1]);
  });
});

describe('counting a source', () => {
  const admit = (source: string) => admitSource(world, source);

  test('lets the configured number of requests through in an hour, then says when to come back', async () => {
    for (let i = 0; i < 60; i += 1) expect(await admit('192.0.2.7')).toEqual(ACCEPTED);
    world.time.advance(600);
    expect(await admit('192.0.2.7')).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', retryAfterSeconds: 3000 },
    });
    world.time.advance(3000);
    expect(await admit('192.0.2.7')).toEqual(ACCEPTED);
  });

  test('does not count one source against another', async () => {
    for (let i = 0; i < 60; i += 1) await admit('192.0.2.7');
    expect(await admit('192.0.2.8')).toEqual(ACCEPTED);
  });

  test('names the counter by a pseudonym, not by the source', async () => {
    const calls: string[] = [];
    await admitSource(
      {
        ...world,
        quota: {
          refund: async () => undefined,
          look: async () => ({ taken: true }),
          take: async ({ name }) => {
            calls.push(name);
            return { taken: true };
          },
        },
      },
      '192.0.2.7',
    );
    expect(calls).toEqual([`source/${await world.pseudonyms.of('source', '192.0.2.7')}`]);
    expect(calls[0]).not.toContain('192.0.2.7');
  });
});
