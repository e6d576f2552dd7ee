import { escapeControls } from '../tvm/escape-controls.ts';
import { columnsOf, type Io } from '../tvm/io.ts';
import { paint } from '../tvm/paint.ts';
import { wrap } from './wrap.ts';

/** How something that was looked at is. */
export type Mark = 'ok' | 'warning' | 'problem' | 'skipped';

const MARKS = {
  ok: { sign: '✓', style: 'green' },
  warning: { sign: '!', style: 'yellow' },
  problem: { sign: '✗', style: 'red' },
  skipped: { sign: '-', style: 'dim' },
} as const satisfies Record<Mark, object>;

/** Something that was looked at. */
export interface Marked {
  readonly mark: Mark;
  /** What it is about, and other short things. */
  readonly heads: readonly string[];
  /** What was found. */
  readonly found: string;
  /** What to do. */
  readonly advice?: string | undefined;
}

const GAP = '  ';

/**
 * Writes data: a sign, columns and broken lines for a person; for a program, one line with the word of the mark and
 * tab-separated fields.
 *
 * @param widths columns that the heads take at a terminal
 */
export function writeMarked(
  { stdout, env }: Pick<Io, 'stdout' | 'env'>,
  { mark, heads, found, advice }: Marked,
  widths: readonly number[],
): void {
  if (stdout.isTTY !== true) {
    const fields = [...heads, found, ...(advice === undefined ? [] : [advice])];
    stdout.write(`${[mark, ...fields.map(escapeControls)].join('\t')}\n`);
    return;
  }
  const { sign, style } = MARKS[mark];
  const start = heads.map((head, at) => escapeControls(head).padEnd(widths[at] ?? 0)).join(GAP) + GAP;
  const indent = ' '.repeat(start.length + 2);
  const room = Math.max(columnsOf(stdout, env) - indent.length, 20);
  const [first = '', ...others] = wrap(escapeControls(found), room);
  const advised = advice === undefined ? [] : wrap(escapeControls(advice), room);
  stdout.write(`${paint(style, sign, stdout)} ${start}${first}\n`);
  for (const line of others) stdout.write(`${indent}${line}\n`);
  for (const line of advised) stdout.write(`${indent}${paint('dim', line, stdout)}\n`);
}
