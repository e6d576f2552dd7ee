import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { type Column, plainLines, shorten, tableLines } from '../../../tvm/table.ts';

interface Row {
  readonly name: string;
  readonly size: number;
  readonly note: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'NAME', of: ({ name }) => name, shrink: 'shorten' },
  { title: 'SIZE', of: ({ size }) => `${size} B`, plain: ({ size }) => String(size), align: 'right' },
  { title: 'NOTE', of: ({ note }) => note, fromWidth: 100 },
];

const row = (name: string, size = 1, note = ''): Row => ({ name, size, note });

describe('tableLines', () => {
  test('aligns cells by their width on a terminal, not by their number of characters', () => {
    expect(tableLines(columns, [row('報告書.pdf', 12), row('a.txt', 7)], 80)).toEqual([
      'NAME        SIZE',
      '報告書.pdf  12 B',
      'a.txt        7 B',
    ]);
  });

  test('shortens only columns that allow it', () => {
    expect(tableLines(columns, [row('a-very-long-name.pdf', 1_234_567)], 22)).toEqual([
      'NAME              SIZE',
      'a-very-lon…  1234567 B',
    ]);
  });

  test('omits empty columns, and columns that do not fit on a narrow terminal', () => {
    const rows = [row('a', 1, 'mine')];
    expect(tableLines(columns, rows, 99)[0]).toBe('NAME  SIZE');
    expect(tableLines(columns, rows, 100)[0]).toBe('NAME  SIZE  NOTE');
    expect(tableLines(columns, [row('a')], 100)[0]).toBe('NAME  SIZE');
  });

  test('escapes control characters', () => {
    expect(tableLines(columns, [row('a\u001b[2J\u202eb')], 80)[1]).toBe('a\\u{1b}[2J\\u{202e}b   1 B');
  });
});

test('plainLines separates complete cells with tabs, and prints no titles', () => {
  expect(plainLines(columns, [row('a\tb', 1_234_567, 'mine'), row('c')])).toEqual([
    'a\\u{9}b\t1234567\tmine',
    'c\t1\t',
  ]);
});

test('shorten never exceeds the width, and ends with an ellipsis', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const short = shorten(text, width);
      expect(stringWidth(short)).toBeLessThanOrEqual(width);
      expect(short === text || short.endsWith('…')).toBe(true);
    }),
  );
});
