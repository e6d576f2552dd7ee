import { describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../../lambda/domain/errors.ts';
import { newTokenId, secondsAfter } from '../../../lambda/domain/ids.ts';
import { authenticateToken, signToken } from '../../../lambda/domain/token.ts';
import { FixedSigningKeys } from '../../support/fixed-signing-keys.ts';
import { faulty } from '../../support/intercept.ts';
import { keyEpoch, secondsAt } from '../../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const MONTH = keyEpoch(376);
const keys = new FixedSigningKeys();
const claims = { tokenId: newTokenId('form'), keyEpoch: MONTH, expiresAt: secondsAfter(NOW, 900) };
const genuine = signToken(claims, keys.derive(MONTH));

describe('a genuine token', () => {
  test('is told by the key of its month, which comes along', async () => {
    expect(await authenticateToken(genuine, keys, NOW)).toEqual({
      ok: true,
      value: { claims, key: keys.derive(claims.keyEpoch) },
    });
  });

  test('is genuine also when it has long expired: expiry is judged elsewhere', async () => {
    const late = secondsAfter(NOW, 400 * 86_400);
    expect((await authenticateToken(genuine, keys, late)).ok).toBe(true);
  });

  test('is no longer recognised after 26 months, when its key is not derived any more', async () => {
    expect((await authenticateToken(genuine, keys, secondsAt('2033-07-31T23:54:59Z'))).ok).toBe(true);
    expect((await authenticateToken(genuine, keys, secondsAt('2033-07-31T23:55:00Z'))).ok).toBe(false);
  });

  test('is recognised by a machine whose clock is up to five minutes behind', async () => {
    const june = { ...claims, keyEpoch: keyEpoch(377) };
    const token = signToken(june, keys.derive(june.keyEpoch));
    expect((await authenticateToken(token, keys, secondsAt('2031-05-31T23:55:00Z'))).ok).toBe(true);
    expect((await authenticateToken(token, keys, secondsAt('2031-05-31T23:54:59Z'))).ok).toBe(false);
  });
});

describe('anything else', () => {
  test.each([
    ['nothing', ''],
    ['the id of a token', claims.tokenId],
    ['a token cut short', genuine.slice(0, -1)],
    ['a token with another ending', `${genuine.slice(0, -2)}AA`],
    ['a token in capitals', genuine.toUpperCase()],
  ])('is refused: %s', async (_, text) => {
    expect(await authenticateToken(text, keys, NOW)).toEqual({ ok: false, error: { code: 'invalid_token' } });
  });

  test('is not refused but thrown when the key cannot be derived now', async () => {
    const error = new Unavailable('kms', 'down');
    const down = faulty(keys, 'keyFor', { lose: 'request', error });
    await expect(authenticateToken(genuine, down, NOW)).rejects.toBe(error);
  });
});
