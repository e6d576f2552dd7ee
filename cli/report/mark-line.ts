import stringWidth from 'string-width';
import { escapeControls } from '../tvm/escape-controls.ts';
import { columnsOf, type Io } from '../tvm/io.ts';
import { paint } from '../tvm/paint.ts';

/** The result of a check. */
export type Mark = 'ok' | 'warning' | 'problem' | 'skipped';

const MARKS = {
  ok: { sign: '✓', style: 'green' },
  warning: { sign: '!', style: 'yellow' },
  problem: { sign: '✗', style: 'red' },
  skipped: { sign: '-', style: 'dim' },
} as const satisfies Record<Mark, object>;

/** A check with its result. */
export interface Marked {
  readonly mark: Mark;
  /** The first columns, such as the name of the check. */
  readonly heads: readonly string[];
  readonly found: string;
  readonly advice?: string | undefined;
}

const GAP = '  ';

/**
 * Writes a result. On a terminal, it has a sign, aligned columns, and wrapped lines. Elsewhere, it is one line of
 * fields separated by tabs, with the mark as a word.
 *
 * @param widths the widths of `heads` on a terminal
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

/** Wraps text at word boundaries into lines of at most the given width in columns. A longer word gets its own line. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
