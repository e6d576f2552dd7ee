import { beforeEach, describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import {
  admitSource,
  type RequestLinkDependencies,
  requestLink,
} from '../../../lambda/domain/request-link.ts';
import { faulty, intercept, noted } from '../../support/intercept.ts';
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

/** Returns the counts for addresses and for the whole form, but not for sources. */
const counted = () =>
  ['cooldown/', 'address/', 'address-day/', 'form-mails'].map((name) => world.quota.countOf(name));

describe('the rate limits of an address, which no response reveals', () => {
  test('a second request within the cooldown is accepted like any other, but sends nothing', async () => {
    await request();
    world.time.advance(59);
    expect(await request()).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(1);
    expect(records()).toHaveLength(1);
    expect(world.ledger.refusals).toEqual(['cooldown']);
  });

  test('a request that sends nothing also gets a presence code, computed at the same step as for any other', async () => {
    const callsOf = async () => {
      const calls: string[] = [];
      const presenceKey = async () => {
        calls.push('key');
        return PRESENCE_KEY;
      };
      const requested = await request({ presenceKey, quota: noted(world.quota, 'quota', calls) });
      expect(requested).toEqual({ ok: true, value: { presenceCode: expect.stringMatching(/^\d{6}$/) } });
      return calls;
    };
    const [served, unserved] = [await callsOf(), await callsOf()];
    expect(world.ledger.refusals).toEqual(['cooldown']);
    expect([served[0], unserved[0]]).toEqual(['key', 'key']);
  });

  test('a request after the cooldown sends another link, and the older one stays live', async () => {
    await request();
    world.time.advance(60);
    await request();
    expect(world.queue.messages).toHaveLength(2);
    expect(records()).toHaveLength(2);
  });

  test('the sixth request within an hour is accepted like any other, but sends nothing', async () => {
    for (let i = 0; i < 6; i += 1) {
      expect(await request()).toEqual(ACCEPTED);
      world.time.advance(60);
    }
    expect(world.queue.messages).toHaveLength(5);
    expect(world.ledger.refusals).toEqual(['address-quota']);
  });

  test('an address gets mail again an hour after its first request', async () => {
    for (let i = 0; i < 5; i += 1) {
      await request();
      world.time.advance(60);
    }
    world.time.advance(3600 - 5 * 60);
    await request();
    expect(world.queue.messages).toHaveLength(6);
  });

  test('the cooldown of one file does not apply to another file', async () => {
    await request();
    await request({}, 'ada@example.org', 'other.pdf');
    expect(world.queue.messages).toHaveLength(2);
  });

  test('the cooldown of one address does not apply to another address', async () => {
    await request();
    await request({}, 'grace@example.org');
    expect(world.queue.messages).toHaveLength(2);
  });

  test('two spellings of an address share one cooldown', async () => {
    await request();
    await request({}, 'Ada+a+b@example.org');
    expect(world.queue.messages).toHaveLength(1);
  });

  test('the e-mail goes to the address as it was entered', async () => {
    await request({}, 'Ada+news@example.org');
    expect(records()[0]?.recipient?.address).toBe('Ada+news@example.org');
  });

  test('a request for an address that is not allowed is accepted like any other, but not counted', async () => {
    expect(await request({ isAllowedRecipient: () => false })).toEqual(ACCEPTED);
    expect(records()).toEqual([]);
    expect(world.ledger.refusals).toEqual(['recipient-not-allowed']);
    expect(counted()).toEqual([0, 0, 0, 0]);
  });

  test("once the form's quota is used up, the response is the same whether or not the address is allowed", async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await request({ limits });
    for (const isAllowedRecipient of [() => true, () => false]) {
      expect(await request({ limits, isAllowedRecipient })).toMatchObject({ error: { code: 'unavailable' } });
    }
  });

  test("a request that sends nothing does not count against the form's mail quota", async () => {
    const limits = { ...world.limits, formMailsPerDay: 2 };
    await request({ limits });
    for (let i = 0; i < 10; i += 1) expect(await request({ limits })).toEqual(ACCEPTED);
    for (let i = 0; i < 10; i += 1) await request({ limits, isAllowedRecipient: () => false });
    await request({ limits }, 'grace@example.org');
    expect(world.queue.messages).toHaveLength(2);
    expect(world.ledger.refusals).toHaveLength(20);
  });

  test('requests that send nothing are still accepted beyond their own limit, but no longer recorded', async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    const isAllowedRecipient = () => false;
    for (let i = 0; i < 12; i += 1) expect(await request({ limits, isAllowedRecipient })).toEqual(ACCEPTED);
    expect(world.ledger.refusals).toHaveLength(10);
  });

  test("a request is accepted like any other if the form's quota runs out after the address was checked", async () => {
    const quota = intercept(world.quota, ({ method, proceed }) =>
      method === 'look' ? Promise.resolve({ taken: true }) : proceed(),
    );
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await request({ limits });
    expect(await request({ limits, quota }, 'grace@example.org')).toEqual(ACCEPTED);
    expect(world.ledger.refusals).toEqual(['mail-limit']);
  });

  test('an address gets at most ten e-mails a day, however it is spelled', async () => {
    for (let i = 0; i < 11; i += 1) {
      world.files.offer(`file-${i}.pdf`);
      expect(
        await request({}, 'a.da@gmail.com'.replace('a', 'a'.padEnd(1 + (i % 3), '.')), `file-${i}.pdf`),
      ).toEqual(ACCEPTED);
    }
    expect(world.queue.messages).toHaveLength(10);
    expect(world.ledger.refusals).toEqual(['address-quota']);
  });

  test('a source that has used up its e-mails for the day gets quota_exceeded for every address', async () => {
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

  test('a source gets only a third of the e-mails to an address, so that a stranger cannot use them up', async () => {
    const from = (source: string, asset: string) => {
      world.files.offer(asset);
      return requestLink(world, { address: email('ada@example.org'), asset: assetName(asset), source });
    };
    for (let n = 0; n < 10; n += 1) expect(await from('192.0.2.66', `${n}.pdf`)).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(4);
    expect(await from('198.51.100.7', 'mine.pdf')).toEqual(ACCEPTED);
    expect(world.queue.messages).toHaveLength(5);
  });

  test("requests beyond a source's share of an address do not count against that address's hourly limit", async () => {
    const from = (source: string) =>
      requestLink(world, { address: email('ada@example.org'), asset: assetName('report.pdf'), source });
    for (let minute = 0; minute < 10; minute += 1) {
      world.time.advance(60);
      expect(await from('192.0.2.7')).toEqual(ACCEPTED);
    }
    expect(world.queue.messages).toHaveLength(4);
    await from('192.0.2.8');
    expect(world.queue.messages).toHaveLength(5);
  });

  test("a request beyond the form's quota does not count against its source", async () => {
    const limits = { ...world.limits, formMailsPerDay: 1, sourceMailsPerDay: 1 };
    await request({ limits });
    const source = '192.0.2.1';
    const details = { address: email('ada@example.org'), asset: assetName('report.pdf'), source };
    for (let n = 0; n < 3; n += 1) {
      expect(await requestLink({ ...world, limits }, details)).toMatchObject({
        error: { code: 'unavailable' },
      });
    }
    expect(world.quota.countOf('source-mails/')).toBe(0);
  });

  test('a silent refusal is recorded under a pseudonym only', async () => {
    await request({ isAllowedRecipient: () => false });
    expect(JSON.stringify(world.ledger.entries)).not.toContain('ada@');
    expect(world.ledger.entries[0]?.pseudonym).toBeDefined();
  });

  test('a silent refusal stays silent if the ledger is down', async () => {
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    expect(await request({ ledger, isAllowedRecipient: () => false })).toEqual(ACCEPTED);
    expect(world.incidents).toMatchObject([{ incident: 'ledger-write-failed' }]);
  });
});

describe("the form's daily quota", () => {
  test("a request beyond the form's daily quota is refused as unavailable until the next day and sends nothing", async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await request({ limits });
    world.time.advance(100);
    expect(await request({ limits }, 'grace@example.org')).toEqual({
      ok: false,
      error: { code: 'unavailable', retryAfterSeconds: 86_300 },
    });
    expect(world.queue.messages).toHaveLength(1);
  });

  test("a request beyond the form's daily quota does not count against the quota of the address", async () => {
    const limits = { ...world.limits, formMailsPerDay: 1 };
    await request({ limits });
    await request({ limits }, 'grace@example.org');
    expect(counted()).toEqual([1, 1, 1, 1]);
  });
});

describe('the rate limit of a source', () => {
  const admit = (source: string) => admitSource(world, source);

  test('a source beyond its hourly limit of requests is told when to retry', async () => {
    for (let i = 0; i < 60; i += 1) expect(await admit('192.0.2.7')).toEqual({ ok: true, value: undefined });
    world.time.advance(600);
    expect(await admit('192.0.2.7')).toEqual({
      ok: false,
      error: { code: 'quota_exceeded', retryAfterSeconds: 3000 },
    });
    world.time.advance(3000);
    expect(await admit('192.0.2.7')).toEqual({ ok: true, value: undefined });
  });

  test('requests from one source do not count against another source', async () => {
    for (let i = 0; i < 60; i += 1) await admit('192.0.2.7');
    expect(await admit('192.0.2.8')).toEqual({ ok: true, value: undefined });
  });

  test("a source's counter is named after its pseudonym", async () => {
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
