import { describe, expect, test } from '@jest/globals';
import {
  epochSeconds,
  newRedemptionId,
  newTokenId,
  parseTokenId,
  secondsAfter,
} from '../../../lambda/domain/ids.ts';
import { secondsAt } from '../../support/values.ts';

describe("a token's handle", () => {
  test('is 32 hex digits in lower case, and reads as it was written', () => {
    const id = newTokenId('form');
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(parseTokenId(id)).toBe(id);
  });

  test('is the digit of its channel and 124 fresh bits every time', () => {
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
  ])('is not %j', (text) => {
    expect(parseTokenId(text)).toBeUndefined();
  });
});

describe('an attempt', () => {
  test('has an id of its own every time', () => {
    expect(new Set(Array.from({ length: 100 }, newRedemptionId)).size).toBe(100);
  });
});

describe('a second', () => {
  test('is the one in which a moment falls', () => {
    expect(epochSeconds(new Date('1970-01-01T00:00:01.999Z'))).toBe(1);
  });

  test('can be moved both ways', () => {
    const start = secondsAt('2031-05-31T23:59:59Z');
    expect(secondsAfter(start, 1)).toBe(secondsAt('2031-06-01T00:00:00Z'));
    expect(secondsAfter(start, -86_400)).toBe(secondsAt('2031-05-30T23:59:59Z'));
  });
});
