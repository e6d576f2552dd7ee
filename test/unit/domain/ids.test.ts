import { describe, expect, test } from '@jest/globals';
import { epochSeconds, newRedemptionId, newTokenId, parseTokenId } from '../../../lambda/domain/ids.ts';

describe('token IDs', () => {
  test('a token ID is 32 lowercase hex digits, and parsing returns it unchanged', () => {
    const id = newTokenId('form');
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(parseTokenId(id)).toBe(id);
  });

  test('a token ID has 124 random bits after its channel digit', () => {
    const ids = Array.from({ length: 1000 }, () => newTokenId('form'));
    expect(new Set(ids).size).toBe(1000);
    for (let position = 1; position < 32; position += 1) {
      expect(new Set(ids.map((id) => id[position])).size).toBe(16);
    }
  });

  test.each([
    '',
    'a'.repeat(31),
    'a'.repeat(33),
    'A'.repeat(32),
    `${'a'.repeat(32)}\n`,
    `tvm_${'a'.repeat(28)}`,
  ])('%j is not a token ID', (text) => {
    expect(parseTokenId(text)).toBeUndefined();
  });
});

describe('redemption IDs', () => {
  test('every redemption gets a new ID', () => {
    expect(new Set(Array.from({ length: 100 }, newRedemptionId)).size).toBe(100);
  });
});

describe('times in seconds', () => {
  test('epochSeconds() rounds a time down to the full second', () => {
    expect(epochSeconds(new Date('1970-01-01T00:00:01.999Z'))).toBe(1);
  });
});
