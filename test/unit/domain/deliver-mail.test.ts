import { beforeEach, describe, expect, test } from '@jest/globals';
import { type DeliverMailDependencies, deliverMail } from '../../../lambda/domain/deliver-mail.ts';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { newTokenId, type Pseudonym, secondsAfter } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { revokeToken } from '../../../lambda/domain/revoke-token.ts';
import { faulty, noted } from '../../support/intercept.ts';
import {
  CALLER,
  createMemoryWorld,
  type MemoryWorld,
  putMailedRecord,
  tokenOf,
  tokensIn,
} from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { assetName, email, tokenId } from '../../support/values.ts';

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
});

const deliver = (deps: Partial<DeliverMailDependencies> = {}) =>
  deliverMail({ ...world, ...deps }, record.tokenId);
const mailedTokens = () => world.mailer.sent.flatMap(tokensIn);

describe('delivering the e-mail for a link', () => {
  test('delivering a link sends one e-mail with the token to the recipient', async () => {
    expect(await deliver()).toBe('mailed');
    expect(world.mailer.sent.map(({ to }) => to)).toEqual(['ada@example.org']);
    expect(mailedTokens()).toEqual([tokenOf(world, record)]);
  });

  test('delivering a link appends a ledger entry without the address or the token, and never changes the record', async () => {
    await deliver();
    expect(world.store.records.get(record.tokenId)).toEqual(record);
    expect(world.ledger.later).toEqual([
      {
        event: 'mailed',
        tokenId: record.tokenId,
        at: world.clock(),
        asset: 'report.pdf',
        pseudonym: record.recipient?.pseudonym,
      },
    ]);
    expect(JSON.stringify(world.ledger.later)).not.toMatch(/@|tvm_/);
  });

  test('a token is signed with the key of the month in which it was issued, even if it is mailed the next month', async () => {
    world.time.moveTo(new Date('2031-05-31T23:59:58Z'));
    record = await putMailedRecord(world);
    world.time.moveTo(new Date('2031-06-01T00:00:03Z'));
    await deliver();
    expect(mailedTokens()).toEqual([tokenOf(world, record)]);
    expect(world.keys.asked).toEqual([376]);
  });

  test('delivering a link reads the ledger and derives the key before it sends, and appends its entry last', async () => {
    const calls: string[] = [];
    await deliver({
      keys: noted(world.keys, 'keys', calls),
      store: noted(world.store, 'store', calls),
      history: noted(world.ledger, 'history', calls),
      mailer: noted(world.mailer, 'mailer', calls),
      ledger: noted(world.ledger, 'ledger', calls),
    });
    expect(calls).toEqual(['store.find', 'history.linesOf', 'keys.keyFor', 'mailer.send', 'ledger.append']);
  });
});

describe('a message that the queue delivers again', () => {
  test('a link that has been mailed is not mailed again', async () => {
    await deliver();
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test("the same token is mailed again if SES's response to the first e-mail was lost", async () => {
    const error = new Unavailable('mailer', 'timed out');
    await expect(deliver({ mailer: faulty(world.mailer, 'send', { lose: 'response', error }) })).rejects.toBe(
      error,
    );
    world.time.advance(120);
    expect(await deliver()).toBe('mailed');
    expect(mailedTokens()).toEqual([tokenOf(world, record), tokenOf(world, record)]);
  });

  test('a redeemed link is not mailed, even if its record was restored', async () => {
    await redeemToken(world, redeemRequest(tokenOf(world, record)));
    expect(await deliver()).toBe('nothing-to-do');
    world.store.records.set(record.tokenId, record);
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('a revoked link is not mailed', async () => {
    await revokeToken(world, record.tokenId, {
      by: 'arn:aws:iam::111122223333:role/operator',
      reach: { kind: 'all' },
    });
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('an expired link is not mailed, even if its row still exists', async () => {
    world.time.advance(900);
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('a message for an unknown token mails nothing', async () => {
    expect(await deliverMail(world, tokenId('0'.repeat(32)))).toBe('nothing-to-do');
  });

  test('delivering a link never writes a record', async () => {
    const calls: string[] = [];
    const store = noted(world.store, 'store', calls);
    await deliver({ store });
    world.store.records.clear();
    await deliver({ store });
    expect(calls).not.toContain('store.put');
    expect(world.store.records.size).toBe(0);
  });
});

describe('two messages about one API link', () => {
  beforeEach(async () => {
    record = await putMailedRecord(world, { open: 'confirm' });
  });

  test('if both messages are handled at the same time, one sends the e-mail and the other returns to the queue', async () => {
    expect(await Promise.all([deliver(), deliver()])).toEqual(['mailed', 'busy']);
    expect(mailedTokens()).toHaveLength(1);
    expect(await deliver()).toBe('nothing-to-do');
  });

  test('a message can be handled again immediately if SES throttled it, and after a minute if its handler was killed', async () => {
    const error = new Unavailable('mailer', 'throttled');
    const throttled = faulty(world.mailer, 'send', { lose: 'request', error });
    await expect(deliver({ mailer: throttled })).rejects.toBe(error);
    const killed = new Promise<never>(() => undefined);
    const begun = new Promise<void>((resolve) => {
      void deliver({
        mailer: {
          send: () => {
            resolve();
            return killed;
          },
        },
      });
    });
    await begun;
    expect(await deliver()).toBe('busy');
    world.time.advance(60);
    expect(await deliver()).toBe('mailed');
  });
});

describe('a link that must not be mailed', () => {
  test('a link that opens directly is not mailed', async () => {
    record = await putMailedRecord(world, { open: 'direct' });
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('a link without a recipient is not mailed', async () => {
    const { recipient: _, ...unaddressed } = record;
    world.store.records.set(record.tokenId, unaddressed);
    expect(await deliver()).toBe('nothing-to-do');
  });

  test('a link is not mailed to an address that is no longer allowed', async () => {
    expect(await deliver({ isAllowedRecipient: () => false })).toBe('refused');
    expect(world.mailer.sent).toEqual([]);
    expect(world.ledger.later).toMatchObject([{ event: 'mail-failed', reason: 'recipient-not-allowed' }]);
  });
});

describe('a record that contradicts the ledger', () => {
  const other = email('mallory@example.net');

  test.each<[string, (record: TokenRecord) => Partial<TokenRecord>]>([
    ['recipient', () => ({ recipient: { address: other, pseudonym: 'f'.repeat(32) as Pseudonym } })],
    ['file name', ({ asset }) => ({ asset: { ...asset, fileName: 'Call 0900 12345.pdf' } })],
    ['file', ({ asset }) => ({ asset: { ...asset, name: assetName('other.pdf') } })],
    ['expiry', ({ expiresAt }) => ({ expiresAt: secondsAfter(expiresAt, 1) })],
    ['issuer', () => ({ issuedBy: CALLER.arn })],
  ])(
    'a link whose record and issued entry differ in the %s is not mailed, and an incident is reported',
    async (_what, change) => {
      world.store.records.set(record.tokenId, { ...record, ...change(record) });
      expect(await deliver()).toBe('refused');
      expect(world.mailer.sent).toEqual([]);
      expect(world.incidents).toEqual([{ incident: 'mail-contradicted', tokenId: record.tokenId }]);
    },
  );

  test('a record without an issued entry is not mailed', async () => {
    const forged = { ...record, tokenId: newTokenId('form') };
    await world.store.put(forged);
    expect(await deliverMail(world, forged.tokenId)).toBe('refused');
    expect(world.mailer.sent).toEqual([]);
  });
});

describe('delivering an e-mail when a service fails', () => {
  test.each(['store', 'history', 'keys', 'mailer'] as const)(
    'delivering a link throws and mails nothing if the port "%s" is down',
    async (port) => {
      const error = new Unavailable(port, 'down');
      const fault = { lose: 'request', error } as const;
      const broken = {
        store: { store: faulty(world.store, 'find', fault) },
        history: { history: faulty(world.ledger, 'linesOf', fault) },
        keys: { keys: faulty(world.keys, 'keyFor', fault) },
        mailer: { mailer: faulty(world.mailer, 'send', fault) },
      }[port];
      await expect(deliver(broken)).rejects.toBe(error);
      expect(world.mailer.sent).toEqual([]);
      expect(world.store.records.get(record.tokenId)).toEqual(record);
      expect(world.ledger.later).toEqual([]);
    },
  );

  test('an e-mail counts as sent even if the ledger cannot be written, and an incident is reported', async () => {
    const error = new Unavailable('ledger', 'down');
    expect(await deliver({ ledger: faulty(world.ledger, 'append', { lose: 'request', error }) })).toBe(
      'mailed',
    );
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
  });
});

describe('a reminder', () => {
  const DAY = 86_400;
  const remind = (deps: Partial<DeliverMailDependencies> = {}) =>
    deliverMail({ ...world, ...deps }, record.tokenId, 'reminder');
  const events = () => world.ledger.later.map(({ event }) => event);

  beforeEach(async () => {
    record = await putMailedRecord(world, { open: 'confirm', lifetimeSeconds: 7 * DAY });
    await deliver();
  });

  test('a reminder carries the same token as the first e-mail, and is recorded', async () => {
    world.time.advance(DAY);
    expect(await remind()).toBe('reminded');
    expect(mailedTokens()).toEqual([tokenOf(world, record), tokenOf(world, record)]);
    expect(world.mailer.subjects[1]).toEqual({ kind: 'link', tokenId: record.tokenId });
    expect(events()).toEqual(['mailed', 'reminded']);
  });

  test('a recipient is reminded at most once a day, however often a reminder is requested', async () => {
    world.time.advance(DAY - 1);
    expect(await remind()).toBe('nothing-to-do');
    world.time.advance(1);
    expect([await remind(), await remind(), await remind()]).toEqual([
      'reminded',
      'nothing-to-do',
      'nothing-to-do',
    ]);
    world.time.advance(DAY);
    expect(await remind()).toBe('reminded');
  });

  test('entries about e-mails are kept until the link has expired, even if that is longer than the ledger’s retention', async () => {
    world.time.advance(DAY);
    await remind();
    world.time.advance(DAY);
    await remind({ isAllowedRecipient: () => false });
    expect(events()).toEqual(['mailed', 'reminded', 'reminder-failed']);
    expect(world.ledger.expiries.slice(-3)).toEqual([record.expiresAt, record.expiresAt, record.expiresAt]);
  });

  test('nobody is reminded about a link that has ended', async () => {
    world.time.advance(DAY);
    await redeemToken(world, redeemRequest(tokenOf(world, record)));
    expect(await remind()).toBe('nothing-to-do');
    record = await putMailedRecord(world, { open: 'confirm', lifetimeSeconds: 2 * DAY });
    await deliver();
    world.time.advance(2 * DAY);
    expect(await remind()).toBe('nothing-to-do');
  });

  test('nobody is reminded about a link that was never mailed, or after a complaint', async () => {
    const entry = { tokenId: record.tokenId, asset: record.asset.name };
    await world.ledger.append({ ...entry, at: world.clock(), event: 'complained' });
    world.time.advance(DAY);
    expect(await remind()).toBe('nothing-to-do');
    record = await putMailedRecord(world, { open: 'confirm', lifetimeSeconds: 7 * DAY });
    world.time.advance(DAY);
    expect(await remind()).toBe('nothing-to-do');
  });

  test('nobody is reminded about a form link', async () => {
    record = await putMailedRecord(world, { lifetimeSeconds: 7 * DAY });
    await deliver();
    world.time.advance(DAY);
    expect(await remind()).toBe('nothing-to-do');
  });

  test("a reminder over its caller's limit is recorded but not sent, and can be sent a day later", async () => {
    world.time.advance(DAY);
    expect(await remind({ limits: { ...world.limits, callerMailsPerDay: 0 } })).toBe('refused');
    expect(world.ledger.later.at(-1)).toMatchObject({ event: 'reminder-failed', reason: 'mail-limit' });
    expect(world.mailer.sent).toHaveLength(1);
    expect(await remind()).toBe('nothing-to-do');
    world.time.advance(DAY);
    expect(await remind()).toBe('reminded');
  });

  test("a reminder that SES throttles does not count against its caller's limit", async () => {
    world.time.advance(DAY);
    const limits = { ...world.limits, callerMailsPerDay: 1 };
    const error = new Unavailable('mailer', 'throttled');
    const mailer = faulty(world.mailer, 'send', { lose: 'request', error });
    await expect(remind({ limits, mailer })).rejects.toBe(error);
    expect(await remind({ limits })).toBe('reminded');
  });
});
