import { beforeEach, describe, expect, test } from '@jest/globals';
import { redeemToken } from '../../../lambda/domain/deliveries.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { handleBounce, type MailOutcome } from '../../../lambda/domain/handle-bounce.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { issuedEntry } from '../../../lambda/domain/mint-token.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { faulty } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { email, tokenId } from '../../support/values.ts';

let world: MemoryWorld;
let record: TokenRecord;
const ADDRESS = email('Ada+files@example.org');

beforeEach(async () => {
  world = createMemoryWorld();
  record = await putMailedRecord(world);
  await world.ledger.append({ ...issuedEntry(record, world.clock()), address: ADDRESS });
  world.time.advance(30);
});

const bounced = (bounce: 'permanent' | 'transient'): MailOutcome => ({
  kind: 'bounced',
  bounce,
  tokenId: record.tokenId,
  at: new Date(world.clock().getTime() - 2_000),
});
const events = () => world.ledger.entries.slice(1).map(({ event }) => event);
const redeem = () => redeemToken(world, redeemRequest(tokenOf(world, record)));

describe('a permanent bounce', () => {
  test('a permanent bounce revokes the token, and the receipt names the hard bounce', async () => {
    expect(await handleBounce(world, bounced('permanent'))).toBe('bounced');
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({
      kind: 'revoked',
      revokedBy: 'hard-bounce',
    });
    expect(await redeem()).toEqual({
      ok: false,
      error: { code: 'token_revoked', at: epochSeconds(world.clock()) },
    });
    expect(events()).toEqual(['bounced', 'revoked']);
  });

  test('a bounce is recorded with the time of the bounce and the pseudonym that the rate limits use', async () => {
    const outcome = bounced('permanent');
    await handleBounce(world, outcome);
    expect(world.ledger.entries[1]).toEqual({
      event: 'bounced',
      bounce: 'permanent',
      tokenId: record.tokenId,
      at: outcome.at,
      asset: record.asset.name,
      pseudonym: await world.pseudonyms.of('address', 'ada@example.org'),
    });
  });

  test('a bounce is recorded once, even if its message is delivered twice', async () => {
    const outcome = bounced('permanent');
    await handleBounce(world, outcome);
    world.time.advance(60);
    expect(await handleBounce(world, outcome)).toBe('bounced');
    expect(events()).toEqual(['bounced', 'revoked']);
  });

  test('a bounce does not change the receipt of a redemption', async () => {
    await redeem();
    expect(await handleBounce(world, bounced('permanent'))).toBe('bounced');
    expect(world.store.receipts.get(record.tokenId)).toMatchObject({ kind: 'redeemed' });
  });

  test('a bounce is recorded even if the record of the token is gone', async () => {
    world.store.records.clear();
    expect(await handleBounce(world, bounced('permanent'))).toBe('bounced');
    expect(world.store.receipts.size).toBe(0);
    expect(events()).toEqual(['bounced']);
  });

  test.each(['find', 'settle'] as const)(
    'handling a permanent bounce throws if %s() fails, and handling it again revokes the token',
    async (method) => {
      const outcome = bounced('permanent');
      const error = new Unavailable('token store', 'down');
      // The domain itself tries twice to write a receipt.
      const times = method === 'settle' ? 2 : 1;
      const store = faulty(world.store, method, { lose: 'request', error, times });
      await expect(handleBounce({ ...world, store }, outcome)).rejects.toBe(error);
      expect(await handleBounce({ ...world, store }, outcome)).toBe('bounced');
      expect(events()).toEqual(['bounced', 'revoked']);
    },
  );
});

describe('a report from SES that revokes nothing', () => {
  test('a transient bounce leaves the token live', async () => {
    expect(await handleBounce(world, bounced('transient'))).toBe('bounced');
    expect(events()).toEqual(['bounced']);
    expect((await redeem()).ok).toBe(true);
  });

  test('a complaint is recorded and leaves the token live', async () => {
    const { tokenId: id, at } = bounced('transient');
    expect(await handleBounce(world, { kind: 'complained', tokenId: id, at })).toBe('complained');
    expect(events()).toEqual(['complained']);
    expect((await redeem()).ok).toBe(true);
  });

  test('a bounce or complaint is kept until the link has expired, so that nobody is reminded after a complaint', async () => {
    const { tokenId: id, at } = bounced('transient');
    await handleBounce(world, bounced('transient'));
    await handleBounce(world, { kind: 'complained', tokenId: id, at });
    expect(world.ledger.expiries.slice(-2)).toEqual([record.expiresAt, record.expiresAt]);
  });

  test('a bounce for an unknown token changes nothing', async () => {
    const outcome: MailOutcome = { ...bounced('permanent'), tokenId: tokenId('0'.repeat(32)) };
    expect(await handleBounce(world, outcome)).toBe('unknown');
    expect(events()).toEqual([]);
  });

  test('handling a bounce throws if the ledger cannot be written', async () => {
    const error = new Unavailable('ledger', 'down');
    const ledger = faulty(world.ledger, 'append', { lose: 'request', error });
    await expect(handleBounce({ ...world, ledger }, bounced('permanent'))).rejects.toBe(error);
  });
});
