import { describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { type EpochSeconds, newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { authenticateToken, signToken } from '../../../lambda/domain/token.ts';
import { FixedSigningKeys } from '../../support/fixed-signing-keys.ts';
import { faulty } from '../../support/intercept.ts';
import { keyEpoch, secondsAt } from '../../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const MONTH = keyEpoch(376);
const keys = new FixedSigningKeys();
const claims = { tokenId: newTokenId('form'), keyEpoch: MONTH, expiresAt: secondsAfter(NOW, 900) };
const at = (now: EpochSeconds) => ({ keys, clock: () => new Date(now * 1000) });
const genuine = signToken(claims, keys.derive(MONTH));

describe('a genuine token', () => {
  test('a genuine token yields its claims and the key of its month', async () => {
    expect(await authenticateToken(at(NOW), genuine)).toEqual({
      ok: true,
      value: { claims, key: keys.derive(claims.keyEpoch) },
    });
  });

  test('an expired token still authenticates, because expiry is checked elsewhere', async () => {
    const late = secondsAfter(NOW, 400 * 86_400);
    expect((await authenticateToken(at(late), genuine)).ok).toBe(true);
  });

  test('a token no longer authenticates after 26 months, because its key is no longer derived', async () => {
    expect((await authenticateToken(at(secondsAt('2033-07-31T23:54:59Z')), genuine)).ok).toBe(true);
    expect((await authenticateToken(at(secondsAt('2033-07-31T23:55:00Z')), genuine)).ok).toBe(false);
  });

  test('a token of the next month authenticates if our clock is at most five minutes behind', async () => {
    const june = { ...claims, keyEpoch: keyEpoch(377) };
    const token = signToken(june, keys.derive(june.keyEpoch));
    expect((await authenticateToken(at(secondsAt('2031-05-31T23:55:00Z')), token)).ok).toBe(true);
    expect((await authenticateToken(at(secondsAt('2031-05-31T23:54:59Z')), token)).ok).toBe(false);
  });
});

describe('anything but a genuine token', () => {
  test.each([
    ['an empty string', ''],
    ['a token ID', claims.tokenId],
    ['a truncated token', genuine.slice(0, -1)],
    ['a token with a wrong signature', `${genuine.slice(0, -2)}AA`],
    ['a token in uppercase', genuine.toUpperCase()],
  ])('%s does not authenticate', async (_, text) => {
    expect(await authenticateToken(at(NOW), text)).toEqual({ ok: false, error: { code: 'invalid_token' } });
  });

  test('authenticating throws, instead of refusing the token, if KMS is down', async () => {
    const error = new Unavailable('kms', 'down');
    const down = faulty(keys, 'keyFor', { lose: 'request', error });
    await expect(authenticateToken({ ...at(NOW), keys: down }, genuine)).rejects.toBe(error);
  });
});
