import { escapeControls, escapeControlsInJson } from './escape-controls.ts';
import { columnsOf, type Io } from './io.ts';
import { paint } from './paint.ts';
import { type Column, plainLines, tableLines } from './table.ts';

/** The format of standard output: text for people at a terminal, lines for programs, or JSON. */
type Format = 'people' | 'plain' | 'json';

/** Writes data to standard output and messages to standard error. */
export interface Output {
  readonly format: Format;
  /** Data: one line. */
  line(text: string): void;
  /** Data: one JSON document, indented on a terminal. */
  json(value: unknown): void;
  /** Data: one JSON value in one line, even on a terminal. */
  jsonLine(value: unknown): void;
  /** Data: aligned for people, tab-separated for programs. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): void;
  /** Data: names and values, one per line. */
  facts(facts: readonly (readonly [name: string, value: string])[]): void;
  /** A message that the operator must not miss. */
  note(text: string): void;
  /** A message that something is wrong. */
  warn(text: string): void;
  /** A message that only a person at a terminal needs. */
  aside(text: string): void;
}

/** @param json `json` if `--json` was given */
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
    jsonLine: (value) => line(escapeControlsInJson(value)),
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
    note: (text) => message(escapeControls(text)),
    warn: (text) => message(`${paint('yellow', 'Note:', stderr)} ${escapeControls(text)}`),
    aside: (text) => {
      if (stderr.isTTY === true && format !== 'json') message(paint('dim', escapeControls(text), stderr));
    },
  };
}
