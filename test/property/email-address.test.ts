import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEmailAddress } from '../../lambda/http/address.ts';

describe('e-mail addresses', () => {
  test('an address stays as it was given, except that its domain is lowercased', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (given) => {
        const at = given.lastIndexOf('@');
        const expected = given.slice(0, at) + given.slice(at).toLowerCase();
        expect([expected, undefined]).toContain(parseEmailAddress(given));
      }),
    );
    expect(parseEmailAddress('A.b+c@Example.ORG')).toBe('A.b+c@example.org');
  });

  test('text without an @ is not an address', () => {
    expect(parseEmailAddress('example.org')).toBeUndefined();
    fc.assert(
      fc.property(fc.domain(), (text) => {
        expect(parseEmailAddress(text)).toBeUndefined();
      }),
    );
  });
});
