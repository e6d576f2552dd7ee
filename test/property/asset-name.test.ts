import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fileNameOf, isPrivate, keyOf, parseAssetName } from '../../lambda/domain/asset-name.ts';
import { newUploadId } from '../../lambda/domain/ids.ts';
import { assetOf, keyOfUpload, objectOf } from '../../lambda/domain/uploads/upload.ts';
import { anyCodePoint } from '../support/code-points.ts';
import { assetName } from '../support/values.ts';

/** Characters of ordinary file names in many scripts, with punctuation and emoji. */
const ordinary = fc.constantFrom(
  ..."abcXYZ0189 -_.,;+&@!()[]{}=~^$#'",
  ...'äöüßéñçøåŁřğ',
  ...'αβγдежאבגدهو日本語中文한국어ไทยहिन्दीதமிழ்',
  ...['👍', '🎉', '👩‍👩‍👧‍👦', '🏳️‍🌈', '👋🏽', '🇩🇪', '1️⃣', '☃️', 'e\u0301', '½', '€', '“', '”', '…', '–'],
);
const segments = fc
  .array(ordinary, { minLength: 1, maxLength: 24 })
  .map((parts) => parts.join(''))
  .filter((segment) => !/^\s*\.{1,2}\s*$/.test(segment));
const names = fc.array(segments, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));

const around = (forbidden: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.string({ maxLength: 8 }), forbidden, fc.string({ maxLength: 8 }))
    .map((parts) => parts.join(''));

describe('file names', () => {
  test('a file name can be any ordinary Unicode text, with or without folders, and is kept unchanged', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(parseAssetName(name)).toBe(name);
      }),
      { numRuns: 500 },
    );
  });

  test('a file name never escapes its prefix, whatever the input', () => {
    const traversal = fc.array(fc.constantFrom('..', '.', '/', 'a', '\\', '%2e', '%2F', ' ', '%00'), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          traversal.map((parts) => parts.join('')),
          fc.string({ unit: anyCodePoint }),
        ),
        (text) => {
          const name = parseAssetName(text);
          if (name === undefined) return;
          const resolved = new URL(
            `https://files.example.org/gated/${name.split('/').map(encodeURIComponent).join('/')}`,
          );
          expect(resolved.pathname.startsWith('/gated/')).toBe(true);
          expect(decodeURIComponent(resolved.pathname)).toBe(`/gated/${name}`);
          expect(name).not.toMatch(/(^|\/)\.{1,2}(\/|$)|^\/|\/\/|\/$|\\/);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['no characters', ''],
    ['a parent folder', '../secret.pdf'],
    ['a parent folder in the middle', 'a/../../secret.pdf'],
    ['only a period', '.'],
    ['a reference to the current folder', './report.pdf'],
    ['two dots with spaces around them', 'a/ .. /b'],
    ['a leading slash', '/report.pdf'],
    ['a trailing slash', 'folder/'],
    ['an empty folder', 'a//b'],
    ['a backslash', '..\\secret.pdf'],
    ['escaped dots', '%2e%2e/secret.pdf'],
    ['escapes in uppercase', '%2E%2E%2Fsecret.pdf'],
    ['an escaped slash', 'a%2fb'],
    ['an escaped backslash', 'a%5Cb'],
    ['an escaped NUL', 'report.pdf%00.png'],
    ['a NUL', 'report.pdf\0.png'],
    ['a line break', 'report\r\nX-Header: 1.pdf'],
    ['a text direction override', 'invoice\u202efdp.exe'],
    ['a text direction isolate', 'a\u2066b'],
    ['a zero-width space', 're\u200bport.pdf'],
    ['a byte-order mark', '\ufeffreport.pdf'],
    ['half a surrogate pair', 'a\ud83d.pdf'],
    ['2,000 bytes', 'a'.repeat(2000)],
    ['1,001 bytes', 'a'.repeat(1001)],
    ['a two-byte character that crosses the 1,000-byte limit', `${'a'.repeat(999)}é`],
  ])('a file name with %s is rejected', (_, name) => {
    expect(parseAssetName(name)).toBeUndefined();
  });

  test('a file name with a control, direction, or invisible character anywhere is rejected', () => {
    const forbidden = fc.oneof(
      fc.integer({ min: 0, max: 0x1f }),
      fc.integer({ min: 0x7f, max: 0x9f }),
      fc.integer({ min: 0x202a, max: 0x202e }),
      fc.integer({ min: 0x2060, max: 0x206f }),
      fc.constantFrom(0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff, 0xfffd, 0xfffe, 0xffff),
    );
    fc.assert(
      fc.property(around(forbidden.map((point) => String.fromCodePoint(point))), (name) => {
        expect(parseAssetName(name)).toBeUndefined();
      }),
    );
  });

  test.each(['...', '.well-known', 'a..b', '..a', 'report.', 'folder.d/report'])(
    'a file name can contain dots that do not form a . or .. segment: %s',
    (name) => {
      expect(parseAssetName(name)).toBe(name);
    },
  );

  test('the length limit of a file name counts bytes, not characters', () => {
    expect(parseAssetName('a'.repeat(1000))).toBeDefined();
    expect(parseAssetName('é'.repeat(500))).toBeDefined();
    expect(parseAssetName('é'.repeat(501))).toBeUndefined();
    expect(parseAssetName('👍'.repeat(250))).toBeDefined();
    expect(parseAssetName('👍'.repeat(251))).toBeUndefined();
  });

  test.each([
    ['report.pdf', 'report.pdf'],
    ['2031/May/report.pdf', 'report.pdf'],
    ['2031/"the" report.pdf', 'the report.pdf'],
    ['2031/""', 'file'],
  ])('the recipient of the file %s sees the name %s', (name, shown) => {
    expect(fileNameOf(assetName(name))).toBe(shown);
  });

  test('an object ID counts as private, maps to the key of its upload, and is rejected as a file name', () => {
    const uploadId = newUploadId();
    const asset = assetOf(objectOf(uploadId));
    expect(isPrivate(asset)).toBe(true);
    expect(keyOf(asset)).toBe(keyOfUpload(uploadId));
    expect(parseAssetName(asset)).toBeUndefined();
  });

  test.each([`d${'0'.repeat(30)}`, `d${'0'.repeat(32)}`, `D${'0'.repeat(31)}`, `a/d${'0'.repeat(31)}`])(
    'a file name can resemble an object ID: %s',
    (name) => {
      expect(keyOf(assetName(name))).toBe(`gated/${name}`);
    },
  );
});
