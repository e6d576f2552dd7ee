import { beforeEach, describe, expect, test } from '@jest/globals';
import { type DeliverNoticeDependencies, deliverNotice } from '../../../lambda/domain/deliver-notice.ts';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { faulty } from '../../support/intercept.ts';
import {
  CALLER,
  createMemoryWorld,
  type MemoryWorld,
  putMailedRecord,
  tokenOf,
} from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { email } from '../../support/values.ts';

const ISSUER = email('issuer@example.org');

let world: MemoryWorld;
let record: TokenRecord;

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world, { notify: ISSUER });
});

const redeem = () => redeemToken(world, redeemRequest(tokenOf(world, record)));
const deliver = (deps: Partial<DeliverNoticeDependencies> = {}) =>
  deliverNotice({ ...world, ...deps }, record.tokenId);
const events = () => world.ledger.entries.map(({ event }) => event);
const reasons = () => world.ledger.entries.flatMap((entry) => ('reason' in entry ? [entry.reason] : []));

describe('the notice of a redemption', () => {
  test('one notice goes to the address that the issuer chose, with the file name in the issued entry', async () => {
    await redeem();
    expect(await deliver()).toBe('notified');
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toMatchObject([{ to: ISSUER, subject: 'report.pdf' }]);
    expect(events()).toEqual(['issued', 'redeemed', 'notified']);
  });

  test('no notice is sent before a redemption', async () => {
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('no notice goes to an address that is in the record or the receipt but not in the ledger', async () => {
    record = await putMailedRecord(world, { open: 'confirm' });
    const notify = email('mallory@example.net');
    world.store.records.set(record.tokenId, { ...record, notify } as TokenRecord);
    world.store.receipts.set(record.tokenId, {
      ...{ kind: 'redeemed', tokenId: record.tokenId, asset: record.asset.name, issuedBy: CALLER.arn },
      ...{ at: record.issuedAt, removeAt: record.expiresAt, sourceAddress: '', userAgent: '' },
      redemptionId: 'forged',
      notify,
    } as never);
    expect(await deliver()).toBe('nothing-to-do');
    expect(world.mailer.sent).toEqual([]);
  });

  test('no notice goes to an address that is no longer allowed', async () => {
    await redeem();
    expect(await deliver({ isAllowedRecipient: () => false })).toBe('notice-refused');
    expect(reasons()).toEqual(['recipient-not-allowed']);
  });
});

describe('counting notices', () => {
  test("a notice counts against its caller's quota and the quota shared by all callers", async () => {
    await redeem();
    await deliver();
    expect(world.quota.countOf(`caller-mails/${CALLER.id}`)).toBe(1);
    expect(world.quota.countOf('program-mails')).toBe(1);
  });

  test.each(['callerMailsPerDay', 'programMailsPerDay'] as const)(
    'a notice beyond %s is dropped instead of staying in the queue, and the ledger says so',
    async (limit) => {
      await redeem();
      expect(await deliver({ limits: { ...world.limits, [limit]: 0 } })).toBe('notice-refused');
      expect(reasons()).toEqual(['mail-limit']);
      expect(world.mailer.sent).toEqual([]);
      expect(world.quota.countOf('')).toBe(0);
    },
  );

  test('a notice is not counted while SES is down, and is sent by the next delivery', async () => {
    await redeem();
    const error = new Unavailable('mailer', 'down');
    const mailer = faulty(world.mailer, 'send', { lose: 'request', error });
    await expect(deliver({ mailer })).rejects.toBe(error);
    expect(world.quota.countOf('')).toBe(0);
    expect(await deliver()).toBe('notified');
  });

  test('a notice that SES refuses permanently is not counted', async () => {
    await redeem();
    world.mailer.refuse(ISSUER, 'MessageRejected');
    expect(await deliver()).toBe('notice-refused');
    expect(reasons()).toEqual(['MessageRejected']);
    expect(world.quota.countOf('')).toBe(0);
  });
});
