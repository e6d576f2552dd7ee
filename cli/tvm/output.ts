import { once } from 'node:events';
import { escapeControls, escapeControlsInJson } from './escape-controls.ts';
import { columnsOf, type Io } from './io.ts';
import { paint } from './paint.ts';
import { type Column, plainLines, tableLines } from './table.ts';

/** For whom standard output is: a person at a terminal, a program that reads lines, or one that asked for JSON. */
type Format = 'people' | 'plain' | 'json';

/** Says things: data on standard output, messages on standard error. */
export interface Output {
  readonly format: Format;
  /** Data: one line. */
  line(text: string): void;
  /** Data: one JSON document, indented for a person at a terminal. */
  json(value: unknown): void;
  /** Data: aligned for people, tab-separated for programs. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** Data: names and values, one a line. */
  facts(facts: readonly (readonly [name: string, value: string])[]): void;
  /** Data that is ready as it is, such as CSV; resolves once the reader has taken it. */
  raw(text: string): Promise<void>;
  /** A message to people. */
  note(text: string): void;
  /** A message that something is not as it should be. */
  warn(text: string): void;
  /** What only a person who waits at a terminal needs to hear. */
  aside(text: string): void;
}

/** @param json whether `--json` was given */
export function createOutput(
  { stdout, stderr, env }: Pick<Io, 'stdout' | 'stderr' | 'env'>,
  json: 'json' | 'text',
): Output {
  const format: Format = json === 'json' ? 'json' : stdout.isTTY === true ? 'people' : 'plain';
  const line = (text: string) => void stdout.write(`${text}\n`);
  const message = (text: string) => void stderr.write(`${text}\n`);
  return {
    format,
    line: (text) => line(escapeControls(text)),
    json: (value) => line(escapeControlsInJson(value, stdout.isTTY === true ? 2 : undefined)),
    table: (columns, rows) => {
      if (format !== 'people') return plainLines(columns, rows).forEach(line);
      if (rows.length === 0) return;
      const [titles = '', ...lines] = tableLines(columns, rows, columnsOf(stdout, env));
      line(paint('bold', titles, stdout));
      lines.forEach(line);
    },
    facts: (facts) => {
      const width = Math.max(...facts.map(([name]) => name.length));
      for (const [name, value] of facts) {
        const clean = escapeControls(value);
        line(
          format === 'people'
            ? `${paint('bold', name.padEnd(width), stdout)}  ${clean}`
            : `${name}\t${clean}`,
        );
      }
    },
    raw: async (text) => {
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    note: (text) => message(escapeControls(text)),
    warn: (text) => message(`${paint('yellow', 'Note:', stderr)} ${escapeControls(text)}`),
    aside: (text) => {
      if (stderr.isTTY === true && format !== 'json') message(paint('dim', escapeControls(text), stderr));
    },
  };
}
