import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { type Marked, wrap, writeMarked } from '../../../report/mark-line.ts';

function written(marked: Marked, terminal: { readonly isTTY: boolean; readonly columns?: number }): string {
  const stdout = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal);
  writeMarked({ stdout, env: {} }, marked, [6, 5]);
  return stdout.read() as string;
}

const MARKED: Marked = {
  mark: 'warning',
  heads: ['queue', '12 ms'],
  found: 'there are more messages than anybody has time to look at',
  advice: 'Look at them all the same.',
};

describe('writeMarked', () => {
  test('writes tab-separated fields, with the mark as a word, for programs', () => {
    expect(written(MARKED, { isTTY: false })).toBe(
      'warning\tqueue\t12 ms\tthere are more messages than anybody has time to look at\tLook at them all the same.\n',
    );
  });

  test('wraps at the terminal width, and indents continuation lines', () => {
    const text = written(MARKED, { isTTY: true, columns: 50 });
    expect(stripVTControlCharacters(text)).toBe(
      [
        '! queue   12 ms  there are more messages than',
        '                 anybody has time to look at',
        '                 Look at them all the same.',
        '',
      ].join('\n'),
    );
  });

  test('escapes control characters', () => {
    const text = written({ mark: 'problem', heads: ['\u001b[2J'], found: '\u202e' }, { isTTY: false });
    expect(text).toBe('problem\t\\u{1b}[2J\t\\u{202e}\n');
  });
});

describe('wrap', () => {
  test('never breaks a word', () => {
    expect(wrap('a incomprehensibilities b', 5)).toEqual(['a', 'incomprehensibilities', 'b']);
  });

  test('counts columns, not characters', () => {
    expect(wrap('日本 日本', 8)).toEqual(['日本', '日本']);
    expect(wrap('日本 日本', 9)).toEqual(['日本 日本']);
  });
});
