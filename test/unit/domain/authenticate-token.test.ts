import { expect, test } from '@jest/globals';
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

test('an expired token still authenticates, because expiry is checked elsewhere', async () => {
  const late = secondsAfter(NOW, 400 * 86_400);
  expect((await authenticateToken(at(late), genuine)).ok).toBe(true);
});

test('a token from a month whose key is no longer derived is invalid', async () => {
  const late = secondsAfter(NOW, 1000 * 86_400);
  expect(await authenticateToken(at(late), genuine)).toEqual({ ok: false, error: { code: 'invalid_token' } });
});

test('authenticating a token throws if KMS is down, instead of refusing the token', async () => {
  const error = new Unavailable('kms', 'down');
  const down = faulty(keys, 'keyFor', { lose: 'request', error });
  await expect(authenticateToken({ ...at(NOW), keys: down }, genuine)).rejects.toBe(error);
});
