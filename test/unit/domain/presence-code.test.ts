import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { type RedeemDependencies, redeemToken } from '../../../lambda/domain/deliveries.ts';
import { describeLink } from '../../../lambda/domain/describe-link.ts';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { epochSeconds } from '../../../lambda/domain/ids.ts';
import { parsePresenceCode, presenceCodeOf } from '../../../lambda/domain/presence-code.ts';
import type { TokenRecord } from '../../../lambda/domain/records.ts';
import { faulty, noted } from '../../support/intercept.ts';
import { createMemoryWorld, type MemoryWorld, putMailedRecord, tokenOf } from '../../support/memory-world.ts';
import { differing, PRESENCE_KEY } from '../../support/presence-codes.ts';
import { redeemRequest } from '../../support/redeem-request.ts';
import { tokenId } from '../../support/values.ts';
import { expectNothingSpent } from './nothing-spent.ts';

describe('a presence code', () => {
  test('a code is computed from a token ID and a key', () => {
    const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex');
    expect(presenceCodeOf(tokenId('00112233445566778899aabbccddeeff'), key)).toBe('741440');
  });

  test('codes have six digits, leading zeros included, and every digit is equally likely', () => {
    const digits = Array.from({ length: 6 }, () => new Map<string, number>());
    for (let link = 0; link < 20_000; link += 1) {
      const code = presenceCodeOf(tokenId(`f${link.toString(16).padStart(31, '0')}`), PRESENCE_KEY);
      expect(code).toMatch(/^\d{6}$/);
      digits.forEach((seen, place) => {
        const digit = code.charAt(place);
        seen.set(digit, (seen.get(digit) ?? 0) + 1);
      });
    }
    // Each of the 60 counts averages 2,000, with a standard deviation of 42.
    for (const count of digits.flatMap((seen) => [...seen.values()])) {
      expect(Math.abs(count - 2000)).toBeLessThan(250);
    }
  });

  test.each(['123456', '123 456', ' 12 34 56 ', '123-456', '123\u00a0456\n'])(
    '%j is read as a code',
    (text) => {
      expect(parsePresenceCode(text)).toBe('123456');
    },
  );

  test.each(['', '12345', '1234567', '12345a', '١٢٣٤٥٦', '123456.0', '+123456', '0x1234'])(
    '%j is not read as a code',
    (text) => {
      expect(parsePresenceCode(text)).toBeUndefined();
    },
  );
});

let world: MemoryWorld;
let record: TokenRecord;
let token: string;
let right: string;
let wrong: string;

beforeEach(async () => {
  world = { ...createMemoryWorld(), presenceKey: async () => PRESENCE_KEY };
  record = await putMailedRecord(world, { presenceCode: true });
  token = tokenOf(world, record);
  right = presenceCodeOf(record.tokenId, PRESENCE_KEY);
  wrong = differing(right, 1);
});

const redeem = (code?: string, deps: Partial<RedeemDependencies> = {}) =>
  redeemToken({ ...world, ...deps }, redeemRequest(token, { code }));
const attempts = () => world.store.records.get(record.tokenId)?.codeAttempts?.size ?? 0;
const receipt = () => world.store.receipts.get(record.tokenId);

describe('a link that asks for a presence code', () => {
  test('the right code redeems the link', async () => {
    expect((await redeem(right)).ok).toBe(true);
    expect(receipt()?.kind).toBe('redeemed');
  });

  test.each([undefined, '', '  '])('a missing code (%j) spends neither token nor attempt', async (code) => {
    expect(await redeem(code)).toEqual({ ok: false, error: { code: 'code_required' } });
    expect(attempts()).toBe(0);
    expectNothingSpent(world, record);
  });

  test('a malformed code is refused as an invalid field, and not counted', async () => {
    expect(await redeem('letmein')).toEqual({ ok: false, error: { code: 'invalid_request', field: 'code' } });
    expect(attempts()).toBe(0);
    expectNothingSpent(world, record);
  });

  test('each wrong code leaves one fewer attempt, and the fifth ends the link, even for the right code', async () => {
    for (const attemptsLeft of [4, 3, 2, 1]) {
      expect(await redeem(wrong)).toEqual({ ok: false, error: { code: 'wrong_code', attemptsLeft } });
      expect(receipt()).toBeUndefined();
    }
    const at = epochSeconds(world.clock());
    const ended = { ok: false, error: { code: 'token_revoked', at, reason: 'wrong-codes' } };
    expect(await redeem(wrong)).toEqual(ended);
    expect(receipt()).toMatchObject({ kind: 'revoked', revokedBy: 'wrong-codes', issuedBy: 'public' });
    expect(world.ledger.later.map(({ event }) => event)).toEqual(['revoked']);
    expect(world.store.records.size).toBe(0);
    expect(await redeem(right)).toEqual(ended);
    expect(await describeLink(world, record.tokenId, { kind: 'all' })).toMatchObject({
      value: { state: 'revoked', revokedReason: 'wrong-codes' },
    });
  });

  test('if the fifth wrong attempt fails before it ends the link, the next attempt ends it without comparing the code', async () => {
    for (let count = 0; count < 4; count += 1) await redeem(wrong);
    const error = new Unavailable('token store', 'down');
    const stopped = { store: faulty(world.store, 'settle', { lose: 'request', error }) };
    await expect(redeem(wrong, stopped)).rejects.toBe(error);
    expect(receipt()).toBeUndefined();
    expect(await redeem(right)).toMatchObject({ ok: false, error: { code: 'token_revoked' } });
    expect(receipt()).toMatchObject({ kind: 'revoked', revokedBy: 'wrong-codes' });
  });

  test('the right code does not count as an attempt, however often it is sent while the file is missing', async () => {
    world.files.remove('report.pdf');
    for (let count = 0; count < 10; count += 1) {
      expect(await redeem(right)).toEqual({ ok: false, error: { code: 'asset_missing' } });
    }
    world.files.offer('report.pdf');
    expect((await redeem(right)).ok).toBe(true);
  });

  test('of 20 wrong and 20 right codes sent at once, at most five wrong codes are compared and at most one right code wins', async () => {
    const ended = await Promise.all(
      Array.from({ length: 40 }, (_, index) => redeem(index % 2 === 0 ? wrong : right)),
    );
    const compared = ended.filter(
      ({ ok, ...rest }) => !ok && 'error' in rest && rest.error.code === 'wrong_code',
    );
    expect(compared.length).toBeLessThanOrEqual(5);
    expect(ended.filter(({ ok }) => ok).length).toBe(receipt()?.kind === 'redeemed' ? 1 : 0);
  });

  test('a wrong code causes the same calls, however many of its digits are right', async () => {
    const callsOf = async (digits: number) => {
      const calls: string[] = [];
      const fresh = await putMailedRecord(world, { presenceCode: true });
      const deps = {
        store: noted(world.store, 'store', calls),
        files: noted(world.files, 'files', calls),
        ledger: noted(world.ledger, 'ledger', calls),
        presenceKey: async () => {
          calls.push('key');
          return PRESENCE_KEY;
        },
      };
      const code = differing(presenceCodeOf(fresh.tokenId, PRESENCE_KEY), digits);
      const request = redeemRequest(tokenOf(world, fresh), { code });
      expect(await redeemToken({ ...world, ...deps }, request)).toMatchObject({
        error: { code: 'wrong_code' },
      });
      return calls;
    };
    for (const digits of [1, 2, 3, 4, 5, 6]) {
      expect(await callsOf(digits)).toEqual(['store.find', 'key', 'store.countAttempt']);
    }
  });

  test('a code is neither stored nor reported', async () => {
    await redeem(wrong);
    await redeem(right);
    const kept = JSON.stringify([
      [...world.store.records.values()].map(({ codeAttempts, ...rest }) => [rest, [...(codeAttempts ?? [])]]),
      [...world.store.receipts.values()].map(({ redemptionId: _, ...rest }) => rest),
      world.incidents,
    ]);
    expect(kept).not.toContain(right);
    expect(kept).not.toContain(createHash('sha256').update(right).digest('hex'));
  });

  test('a link that asks for a code cannot be redeemed after codes are turned off', async () => {
    expect(await redeem(right, { presenceKey: undefined })).toEqual({
      ok: false,
      error: { code: 'token_unknown' },
    });
    expectNothingSpent(world, record);
  });

  test('an attempt is not counted if the key is unavailable', async () => {
    const error = new Unavailable('kms', 'down');
    const presenceKey = async () => {
      throw error;
    };
    await expect(redeem(wrong, { presenceKey })).rejects.toBe(error);
    expect(attempts()).toBe(0);
  });

  test('a link that asks for no code ignores any code in the request', async () => {
    const plain = await putMailedRecord(world);
    expect((await redeemToken(world, redeemRequest(tokenOf(world, plain), { code: 'x' }))).ok).toBe(true);
  });

  test('a fifth wrong code after the expiry is refused as expired and writes no receipt', async () => {
    for (let count = 0; count < 4; count += 1) await redeem(wrong);
    // The clock is still before the expiry in the first step, and past it afterwards.
    const times = [world.clock()];
    const clock = () => times.shift() ?? new Date(record.expiresAt * 1000);
    expect(await redeem(wrong, { clock })).toMatchObject({ ok: false, error: { code: 'token_expired' } });
    expect(receipt()).toBeUndefined();
  });
});
