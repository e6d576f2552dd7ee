import { describe, expect, test } from '@jest/globals';
import type { EpochSeconds, KeyEpoch, TokenId } from '../../../../lambda/domain/ids.ts';
import { signToken } from '../../../../lambda/domain/token.ts';
import { readTokenId } from '../../../links/token-id.ts';

const id = '0f6b2c1d9e8a47b35c60718293a4b5c6' as TokenId;
const token = signToken(
  { tokenId: id, keyEpoch: 322 as KeyEpoch, expiresAt: 1_900_000_000 as EpochSeconds },
  Buffer.alloc(32),
);

describe('readTokenId', () => {
  test.each([
    ['the ID', id],
    ['the ID in upper case', id.toUpperCase()],
    ['a token', token],
    ['a link', `https://x.example/v1/redeem?token=${token}`],
    ['a line of an e-mail', `  <https://x.example/v1/download?token=${token}>\n`],
  ])('reads %s', (_, text) => expect(readTokenId(text)).toBe(id));

  test.each([
    ['an empty text', ''],
    ['an ID with an extra digit', `${id}0`],
    ['half a token', token.slice(0, 40)],
    ['a token with an extra character', `${token}A`],
    ['a token of another version', `tvm_${Buffer.alloc(39).toString('base64url')}`],
  ])('rejects %s without repeating it', (_, text) => {
    expect(() => readTokenId(text)).toThrow('This is neither a link nor the ID of a link.');
  });
});
