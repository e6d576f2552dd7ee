import { beforeEach, describe, expect, test } from '@jest/globals';
import { type DeliverMailDependencies, deliverMail } from '../../../lambda/domain/deliver-mail.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { newTokenId, type Pseudonym, secondsAfter } from '../../../lambda/domain/ids.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { redeemToken } from '../../../lambda/domain/redemption.ts';
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

describe('delivering the mail of a record', () => {
  test('sends one mail with the token to the address of the record', async () => {
    expect(await deliver()).toBe('mailed');
    expect(world.mailer.sent.map(({ to }) => to)).toEqual(['ada@example.org']);
    expect(mailedTokens()).toEqual([tokenOf(world, record)]);
  });

  test('writes the ledger, without the address or the token, and leaves the record as it is', async () => {
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

  test('signs with the key of the month in which the record was issued, even when it is mailed in the next', async () => {
    world.time.moveTo(new Date('2031-05-31T23:59:58Z'));
    record = await putMailedRecord(world);
    world.time.moveTo(new Date('2031-06-01T00:00:03Z'));
    await deliver();
    expect(mailedTokens()).toEqual([tokenOf(world, record)]);
    expect(world.keys.asked).toEqual([376]);
  });

  test('asks the history and for the key, then sends, and only then says so', async () => {
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

describe('a message that comes again', () => {
  test('does nothing for a record that is mailed', async () => {
    await deliver();
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toHaveLength(1);
    expect(world.ledger.later).toHaveLength(1);
  });

  test('mails the same token again when the mail may not have gone out', async () => {
    const error = new Unavailable('mailer', 'timed out');
    await expect(deliver({ mailer: faulty(world.mailer, 'send', { lose: 'answer', error }) })).rejects.toBe(
      error,
    );
    world.time.advance(120);
    expect(await deliver()).toBe('mailed');
    expect(mailedTokens()).toEqual([tokenOf(world, record), tokenOf(world, record)]);
  });

  test('does nothing for a token that was redeemed, whether its record is gone or came back', async () => {
    await redeemToken(world, {
      token: tokenOf(world, record),
      opening: 'confirm',
      sourceAddress: '192.0.2.7',
      userAgent: '',
    });
    expect(await deliver()).toBe('nothing-to-do');
    world.store.records.set(record.tokenId, record);
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('does nothing for a token that was revoked', async () => {
    await revokeToken(world, record.tokenId, {
      by: 'arn:aws:iam::111122223333:role/operator',
      reach: { kind: 'all' },
    });
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('does nothing for a token that has expired, although its row is still there', async () => {
    world.time.advance(900);
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('does nothing for a token that never was', async () => {
    expect(await deliverMail(world, tokenId('0'.repeat(32)))).toBe('nothing-to-do');
  });

  test('never puts a record', async () => {
    const calls: string[] = [];
    const store = noted(world.store, 'store', calls);
    await deliver({ store });
    world.store.records.clear();
    await deliver({ store });
    expect(calls).not.toContain('store.put');
    expect(world.store.records.size).toBe(0);
  });
});

describe('a link that is not for the mail', () => {
  test('is not mailed when it is for a program', async () => {
    record = await putMailedRecord(world, { open: 'direct' });
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('is not mailed when it names nobody', async () => {
    const { recipient: _, ...handedOut } = record;
    world.store.records.set(record.tokenId, handedOut);
    expect(await deliver()).toBe('nothing-to-do');
  });
});

describe('a record that the history contradicts', () => {
  const other = email('mallory@example.net');

  test.each<[string, (record: TokenRecord) => Partial<TokenRecord>]>([
    [
      'names another recipient',
      () => ({ recipient: { address: other, pseudonym: 'f'.repeat(32) as Pseudonym } }),
    ],
    [
      'calls the file something else',
      ({ asset }) => ({ asset: { ...asset, fileName: 'Call 0900 12345.pdf' } }),
    ],
    ['is for another file', ({ asset }) => ({ asset: { ...asset, name: assetName('other.pdf') } })],
    ['lives longer', ({ expiresAt }) => ({ expiresAt: secondsAfter(expiresAt, 1) })],
    ['is of another issuer', () => ({ issuedBy: CALLER.arn })],
  ])('is not mailed when it %s, and raises an incident', async (_what, change) => {
    world.store.records.set(record.tokenId, { ...record, ...change(record) });
    expect(await deliver()).toBe('refused');
    expect(world.mailer.sent).toEqual([]);
    expect(world.incidents).toEqual([{ incident: 'mail-contradicted', tokenId: record.tokenId }]);
  });

  test('is not mailed when no history says that it was issued', async () => {
    const forged = { ...record, tokenId: newTokenId('form') };
    await world.store.put(forged);
    expect(await deliverMail(world, forged.tokenId)).toBe('refused');
    expect(world.mailer.sent).toEqual([]);
  });

  test('is not mailed to an address that the operator no longer allows', async () => {
    expect(await deliver({ isAllowedRecipient: () => false })).toBe('refused');
    expect(world.mailer.sent).toEqual([]);
    expect(world.ledger.later).toMatchObject([{ event: 'mail-failed', reason: 'recipient-not-allowed' }]);
  });
});

describe('when a service fails', () => {
  test.each(['store', 'history', 'keys', 'mailer'] as const)(
    'goes back to the queue when the port of the %s is down, and mails nothing',
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

  test('writes down a refusal for good, with its reason', async () => {
    world.mailer.refuse('ada@example.org', 'MessageRejected');
    expect(await deliver()).toBe('refused');
    expect(world.ledger.later).toMatchObject([{ event: 'mail-failed', reason: 'MessageRejected' }]);
  });

  test('has mailed although the ledger could not be written, and says so', async () => {
    const error = new Unavailable('ledger', 'down');
    expect(await deliver({ ledger: faulty(world.ledger, 'append', { lose: 'request', error }) })).toBe(
      'mailed',
    );
    expect(world.incidents).toEqual([{ incident: 'ledger-write-failed', tokenId: record.tokenId }]);
  });
});
