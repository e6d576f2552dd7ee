import { describe, expect, test } from '@jest/globals';
import type { EpochSeconds, KeyEpoch, TokenId } from '../../../../lambda/domain/ids.ts';
import { signToken } from '../../../../lambda/domain/token.ts';
import { readTokenId } from '../../../links/token-id.ts';

const id = '0f6b2c1d9e8a47b35c60718293a4b5c6' as TokenId;
const token = signToken(
  { tokenId: id, keyEpoch: 322 as KeyEpoch, expiresAt: 1_900_000_000 as EpochSeconds },
  Buffer.alloc(32),
);

describe('The id of a link', () => {
  test.each([
    ['the id', id],
    ['the id in capitals', id.toUpperCase()],
    ['a token', token],
    ['a link', `https://x.example/v1/redeem?token=${token}`],
    ['a line of a mail', `  <https://x.example/v1/download?token=${token}>\n`],
  ])('is read from %s', (_, text) => expect(readTokenId(text)).toBe(id));

  test.each([
    ['nothing', ''],
    ['an id with a digit too many', `${id}0`],
    ['half a token', token.slice(0, 40)],
    ['a token with a character too many', `${token}A`],
    ['a token of another version', `tvm_${Buffer.alloc(39).toString('base64url')}`],
  ])('is not read from %s, which is not repeated', (_, text) => {
    expect(() => readTokenId(text)).toThrow('That is neither the id of a link nor a link.');
  });
});
