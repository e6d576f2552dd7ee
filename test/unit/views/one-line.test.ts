import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nameForSubject, oneLine, shorten } from '../../../lambda/views/one-line.ts';
import { anyCodePoint } from '../../support/code-points.ts';

const anyText = fc.string({ unit: anyCodePoint, maxLength: 60 });

describe('text for one line', () => {
  test('contains no line breaks and no control, bidirectional, or invisible characters', () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom('\r\n', '\u2028', '\u202e', '\u2066', '\u200b', '\ud800', '\u0085'),
          anyText,
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(hostile, (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(
          /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff]/u,
        );
        expect(line.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('cannot add a mail header', () => {
    expect(oneLine('report\r\nBcc: all@example.org\r\n\r\n<p>.pdf')).toBe(
      'report Bcc: all@example.org <p>.pdf',
    );
  });

  test.each([
    'Jahresübersicht 2026.pdf',
    'تقرير.pdf',
    '写真.zip',
    '👩‍👩‍👧‍👦 photos.zip',
    'a & b <c> "d".txt',
  ])('the ordinary name %s is not changed', (name) => {
    expect(oneLine(name)).toBe(name);
  });
});

describe('the name in a subject', () => {
  test.each(['=?utf-8?q?=E2=80=AEfdp.exe?=', 'report.pdf =?UTF-8?B?4oCu?=', '==??utf-8?q?a?='])(
    'contains no encoded word (RFC 2047), which mail software would decode (%s)',
    (name) => {
      expect(nameForSubject(name)).not.toContain('=?');
    },
  );
});

describe('shortened text', () => {
  test('a shortened text keeps its beginning and its end', () => {
    expect(shorten(`${'a'.repeat(50)}${'b'.repeat(50)}.pdf`, 21)).toBe(
      `${'a'.repeat(10)}…${'b'.repeat(6)}.pdf`,
    );
  });

  test('a text that fits is not shortened', () => {
    expect(shorten('report.pdf', 10)).toBe('report.pdf');
  });

  test('shortening never splits a grapheme cluster', () => {
    const family = '👩‍👩‍👧‍👦';
    expect(shorten(family.repeat(9), 30)).toBe(`${family}…${family}`);
  });

  test('a shortened text is never longer than the limit, and is well-formed', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 80 });
    fc.assert(
      fc.property(names, fc.integer({ min: 3, max: 60 }), (text, length) => {
        const short = shorten(text, length);
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
  });
});
