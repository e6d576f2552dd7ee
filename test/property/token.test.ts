import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EpochSeconds, KeyEpoch, TokenId } from '../../lambda/domain/ids.ts';
import {
  authenticateToken,
  COLLECTION_TOKEN,
  isSignedBy,
  parseToken,
  signToken,
  type TokenClaims,
  UPLOAD_TOKEN,
} from '../../lambda/domain/token.ts';
import { anyCodePoint } from '../support/code-points.ts';
import { FixedSigningKeys } from '../support/fixed-signing-keys.ts';
import { secondsAt } from '../support/values.ts';

const NOW = secondsAt('2031-05-17T10:20:30Z');
const clock = () => new Date(NOW * 1000);
const THIS_MONTH = 376 as KeyEpoch;
const PREFIX = 'tvm_';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const tokenIds = bytes(16).map((id) => Buffer.from(id).toString('hex') as TokenId);
const seconds = fc.nat({ max: 0xffff_ffff }).map((value) => value as EpochSeconds);
const claims: fc.Arbitrary<TokenClaims> = fc.record({
  tokenId: tokenIds,
  keyEpoch: fc.nat({ max: 0xffff }).map((value) => value as KeyEpoch),
  expiresAt: seconds,
});

const bytesOf = (token: string): Buffer => Buffer.from(token.slice(PREFIX.length), 'base64url');
const textOf = (raw: Uint8Array): string => PREFIX + Buffer.from(raw).toString('base64url');

function isGenuine(text: string, key: Uint8Array): boolean {
  const parsed = parseToken(text);
  return parsed !== undefined && isSignedBy(parsed, key);
}

describe('tokens', () => {
  test('a token parses to exactly the claims that were signed', () => {
    fc.assert(
      fc.property(claims, bytes(32), (signed, key) => {
        const token = signToken(signed, key);
        expect(token).toMatch(/^tvm_[A-Za-z0-9_-]{52}$/);
        const parsed = parseToken(token);
        expect(parsed?.claims).toEqual(signed);
        expect(isGenuine(token, key)).toBe(true);
      }),
    );
  });

  test('equal claims have equal tokens, and different claims have different ones', () => {
    fc.assert(
      fc.property(claims, claims, bytes(32), (one, other, key) => {
        expect(signToken({ ...one }, key)).toBe(signToken(one, key));
        const same =
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(signToken(one, key) === signToken(other, key)).toBe(same);
      }),
    );
  });

  test('a token with any one bit flipped is rejected', () => {
    fc.assert(
      fc.property(claims, bytes(32), fc.nat({ max: 39 * 8 - 1 }), (signed, key, bit) => {
        const tampered = bytesOf(signToken(signed, key));
        tampered[bit >> 3] = (tampered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isGenuine(textOf(tampered), key)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('a token with any one character replaced by another base64url character is rejected', () => {
    const at = fc.nat({ max: 55 });
    fc.assert(
      fc.property(claims, bytes(32), at, fc.constantFrom(...ALPHABET), (signed, key, position, character) => {
        const token = signToken(signed, key);
        fc.pre(token[position] !== character);
        expect(isGenuine(token.slice(0, position) + character + token.slice(position + 1), key)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('a token with the case of any one letter changed is rejected', () => {
    fc.assert(
      fc.property(claims, bytes(32), fc.nat({ max: 55 }), (signed, key, position) => {
        const token = signToken(signed, key);
        const letter = token.charAt(position);
        const changed = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
        fc.pre(changed !== letter);
        expect(isGenuine(token.slice(0, position) + changed + token.slice(position + 1), key)).toBe(false);
      }),
    );
  });

  test('a token that is cut off anywhere is rejected', () => {
    fc.assert(
      fc.property(claims, bytes(32), fc.nat({ max: 55 }), (signed, key, length) => {
        const token = signToken(signed, key);
        expect(parseToken(token.slice(0, length))).toBeUndefined();
        expect(parseToken(token.slice(token.length - length))).toBeUndefined();
      }),
    );
  });

  test('a token with anything added before, after, or inside it is rejected', () => {
    const padding = fc.oneof(
      fc.constantFrom('=', '==', ' ', '\n', '\r\n', '\t', '\0', '%20', '\u200b', '\ufeff', 'A', '-', '.'),
      fc.string({ minLength: 1, maxLength: 4, unit: anyCodePoint }),
    );
    fc.assert(
      fc.property(claims, bytes(32), padding, fc.nat({ max: 56 }), (signed, key, extra, position) => {
        const token = signToken(signed, key);
        expect(parseToken(token.slice(0, position) + extra + token.slice(position))).toBeUndefined();
        expect(parseToken(token + extra)).toBeUndefined();
        expect(parseToken(extra + token)).toBeUndefined();
      }),
    );
  });

  test('a token in standard base64 is rejected, and so are two joined tokens', () => {
    fc.assert(
      fc.property(claims, claims, bytes(32), (one, other, key) => {
        const token = signToken(one, key);
        const standard = PREFIX + bytesOf(token).toString('base64');
        if (standard !== token) expect(parseToken(standard)).toBeUndefined();
        for (const glue of ['', ',', '&token=']) {
          expect(parseToken(token + glue + signToken(other, key))).toBeUndefined();
        }
      }),
    );
  });

  test('a token signed with another key is rejected', () => {
    fc.assert(
      fc.property(claims, bytes(32), bytes(32), (signed, key, other) => {
        fc.pre(Buffer.compare(key, other) !== 0);
        expect(isGenuine(signToken(signed, key), other)).toBe(false);
      }),
    );
  });

  test('a token of an unknown version is rejected, whatever its other bytes are', () => {
    fc.assert(
      fc.property(bytes(39), fc.integer({ min: 0, max: 255 }), (raw, version) => {
        fc.pre(version !== 1);
        expect(parseToken(textOf(Uint8Array.of(version, ...raw.slice(1))))).toBeUndefined();
      }),
    );
  });

  test('the token parser never throws, whatever the input', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: anyCodePoint }),
          fc.string().map((text) => PREFIX + text),
        ),
        (text) => {
          const parsed = parseToken(text);
          if (parsed !== undefined) expect(textOf(Buffer.concat([parsed.signed, parsed.mac]))).toBe(text);
        },
      ),
    );
  });
});

describe('token keys', () => {
  test('no key is derived for a token whose month is in the future or long past', async () => {
    const outside = fc.oneof(
      fc.integer({ min: THIS_MONTH + 1, max: 0xffff }),
      fc.integer({ min: 0, max: THIS_MONTH - 27 }),
    );
    await fc.assert(
      fc.asyncProperty(outside, tokenIds, seconds, async (month, tokenId, expiresAt) => {
        const keys = new FixedSigningKeys();
        const keyEpoch = month as KeyEpoch;
        const forged = signToken({ tokenId, keyEpoch, expiresAt }, keys.derive(keyEpoch));
        expect(await authenticateToken({ clock, keys }, forged)).toEqual({
          ok: false,
          error: { code: 'invalid_token' },
        });
        expect(keys.asked).toEqual([]);
      }),
    );
  });

  test("for a token from the last 27 months, only its own month's key is derived, and only once", async () => {
    const inside = fc.integer({ min: THIS_MONTH - 26, max: THIS_MONTH });
    await fc.assert(
      fc.asyncProperty(inside, tokenIds, seconds, async (month, tokenId, expiresAt) => {
        const keys = new FixedSigningKeys();
        const signed = { tokenId, keyEpoch: month as KeyEpoch, expiresAt };
        const key = keys.derive(signed.keyEpoch);
        const genuine = signToken(signed, key);
        expect(await authenticateToken({ clock, keys }, genuine)).toEqual({
          ok: true,
          value: { claims: signed, key },
        });
        expect(keys.asked).toEqual([month]);
      }),
    );
  });

  test('a token signed with the key of another month is rejected', async () => {
    const month = fc.integer({ min: THIS_MONTH - 26, max: THIS_MONTH });
    await fc.assert(
      fc.asyncProperty(month, month, tokenIds, seconds, async (named, signing, tokenId, expiresAt) => {
        fc.pre(named !== signing);
        const keys = new FixedSigningKeys();
        const signed = { tokenId, keyEpoch: named as KeyEpoch, expiresAt };
        const crossed = signToken(signed, keys.derive(signing as KeyEpoch));
        expect((await authenticateToken({ clock, keys }, crossed)).ok).toBe(false);
      }),
    );
  });
});

describe('kinds of tokens', () => {
  test('a token of one kind is never accepted as another kind, whatever its prefix', () => {
    const kinds = [undefined, UPLOAD_TOKEN, COLLECTION_TOKEN];
    const prefixes = ['tvm_', 'tvu_', 'tvc_'];
    fc.assert(
      fc.property(claims, bytes(32), (signed, key) => {
        const passes = (text: string, kind?: typeof UPLOAD_TOKEN) => {
          const parsed = parseToken(text, kind);
          return parsed !== undefined && isSignedBy(parsed, key);
        };
        for (const [made, kind] of kinds.entries()) {
          const token = signToken(signed, key, kind);
          expect(token.slice(0, 4)).toBe(prefixes[made]);
          for (const [given, other] of kinds.entries()) {
            const renamed = `${prefixes[given]}${token.slice(4)}`;
            expect([passes(token, other), passes(renamed, other)]).toEqual([given === made, given === made]);
          }
        }
      }),
    );
  });
});

describe('the published test vectors', () => {
  const vectors = JSON.parse(readFileSync(new URL('../vectors/token.json', import.meta.url), 'utf8')) as {
    readonly valid: readonly (TokenClaims & { case: string; key: string; mac: string; token: string })[];
    readonly refused: readonly { case: string; key: string; token: string }[];
  };

  test.each(vectors.valid)(
    'signing and parsing reproduce the published vector: $case',
    ({ key, token, mac, tokenId, keyEpoch, expiresAt }) => {
      const secret = Buffer.from(key, 'hex');
      const expected = { tokenId, keyEpoch, expiresAt };
      expect(signToken(expected, secret)).toBe(token);
      expect(parseToken(token)?.claims).toEqual(expected);
      expect(bytesOf(token).subarray(-16).toString('hex')).toBe(mac);
      expect(isGenuine(token, secret)).toBe(true);
    },
  );

  test.each(vectors.refused)('the published invalid token is rejected: $case', ({ key, token }) => {
    expect(isGenuine(token, Buffer.from(key, 'hex'))).toBe(false);
  });

  test('the vector file has three valid and seven invalid tokens', () => {
    expect([vectors.valid.length, vectors.refused.length]).toEqual([3, 7]);
  });
});
