import { harmless } from '../tvm/harmless.ts';
import type { TextStream } from '../tvm/io.ts';
import { paint } from '../tvm/paint.ts';

/** How something that was looked at is. */
export type Mark = 'ok' | 'warning' | 'problem' | 'skipped';

const MARKS = {
  ok: { sign: '✓', style: 'green' },
  warning: { sign: '!', style: 'yellow' },
  problem: { sign: '✗', style: 'red' },
  skipped: { sign: '-', style: 'dim' },
} as const satisfies Record<Mark, object>;

/**
 * Data: one line about something that was looked at. A person sees a sign and columns; a program reads the word and
 * tab-separated fields.
 *
 * @param fields what it is about, and what was found; widths (columns) pad all but the last
 */
export function markLine(
  stream: TextStream,
  mark: Mark,
  fields: readonly string[],
  widths: readonly number[],
): string {
  const clean = fields.map(harmless);
  if (stream.isTTY !== true) return `${[mark, ...clean].join('\t')}\n`;
  const { sign, style } = MARKS[mark];
  const padded = clean.map((field, at) => field.padEnd(widths[at] ?? 0));
  return `${paint(style, sign, stream)} ${padded.join('  ').trimEnd()}\n`;
}
