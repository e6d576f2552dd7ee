import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LIFETIME } from '../../../../lambda/operator.ts';
import { anyCodePoint } from '../../../../test/support/code-points.ts';
import { durationText, parseLifetime } from '../../../tvm/duration.ts';
import { escapeControls, escapeControlsInJson } from '../../../tvm/escape-controls.ts';
import { momentText, parseSize, sizeText } from '../../../tvm/format.ts';
import { shellWord } from '../../../tvm/shell-word.ts';

const STEERS = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff]/u;

describe('escapeControls', () => {
  test('escapes characters that control a terminal, and keeps the text on one line', () => {
    expect(escapeControls('a\nb\u001b]0;x\u0007\u202e\u2028\u{e0041}')).toBe(
      'a\\u{a}b\\u{1b}]0;x\\u{7}\\u{202e}\\u{2028}\\u{e0041}',
    );
    expect(escapeControls('Bericht für 2026 – 報告書 👍🏽.pdf')).toBe('Bericht für 2026 – 報告書 👍🏽.pdf');
  });

  test('leaves no control character in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint }), (text) =>
        expect(escapeControls(text)).not.toMatch(STEERS),
      ),
    );
  });

  test('has a variant for JSON that preserves the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: anyCodePoint }), (value, text) => {
        const json = escapeControlsInJson([value, text]);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, text])));
        expect(json).not.toMatch(STEERS);
      }),
    );
    expect(escapeControlsInJson({ a: '\u009b\u{e0041}' })).toBe('{"a":"\\u009b\\udb40\\udc41"}');
  });
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1000, '1.0 KB'],
  [9949, '9.9 KB'],
  [9950, '10 KB'],
  [999_499, '999 KB'],
  [999_600, '1.0 MB'],
  [210_000_000, '210 MB'],
  [5_000_000_000_000, '5.0 TB'],
  [50_000_000_000_000_000, '50000 TB'],
])('sizeText(%d) is "%s"', (bytes, text) => expect(sizeText(bytes)).toBe(text));

test.each([
  ['1', 1],
  ['1048576', 1_048_576],
  ['500KB', 500_000],
  ['1.5gb', 1_500_000_000],
  ['5TB', 5_000_000_000_000],
  ['0', undefined],
  ['0.1KB', 100],
  ['1 GB', undefined],
  ['GB', undefined],
  ['-1MB', undefined],
  ['1GiB', undefined],
  ['999999999999999TB', undefined],
  ['', undefined],
])('parseSize("%s") is %p', (text, bytes) => expect(parseSize(text)).toBe(bytes));

test.each([
  ['60s', 60],
  ['1m', 60],
  ['15m', 900],
  ['2h', 7200],
  ['7d', 604_800],
  ['2w', 1_209_600],
  ['400d', 34_560_000],
  ['59s', undefined],
  ['401d', undefined],
  ['0m', undefined],
  ['15', undefined],
  ['1.5h', undefined],
  ['-1h', undefined],
  ['1y', undefined],
  ['1h30m', undefined],
  ['99999999w', undefined],
  ['', undefined],
])('parseLifetime("%s") is %p', (text, seconds) => expect(parseLifetime(text, LIFETIME)).toBe(seconds));

test.each([
  [0, '0 seconds'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [7199, '119 minutes'],
  [7200, '2 hours'],
  [172_799, '47 hours'],
  [604_800, '7 days'],
])('durationText(%d) is "%s"', (seconds, text) => expect(durationText(seconds)).toBe(text));

test('momentText shows a time in UTC, to the minute', () => {
  const moment = new Date('2026-11-23T20:15:31.999+02:00');
  expect(momentText(moment)).toBe('2026-11-23 18:15Z');
});

test.each([
  ['report.pdf', 'report.pdf'],
  ["it's $HOME", `'it'\\''s $HOME'`],
  ['', "''"],
  ['ü.txt', "'ü.txt'"],
])('shellWord(%p) is %s', (text, word) => expect(shellWord(text)).toBe(word));
