import type { Chart } from './chart.ts';
import type { Summary } from './statistics.ts';

/** Holds what one part of the benchmark found. */
export interface Report {
  /** The word that runs this part: `npm run bench -- cold`. */
  readonly name: string;
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** The figures behind the tables, for `results.json`. */
  readonly data: unknown;
}

/** Holds what the command line says to every part. */
export interface Options {
  /** How often each program runs. */
  readonly rounds: number;
  /** A temporary folder for what is built. */
  readonly folder: string;
  /** The functions to measure cold; all of them if undefined. */
  readonly functions: readonly string[] | undefined;
}

export interface Table {
  /** Says in a sentence what the rows are. */
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Writes a table in Markdown, numbers to the right. */
export function markdown({ caption, head, rows }: Table): string {
  const rules = head.map((_, index) => (index === 0 ? '---' : '---:'));
  const lines = [head, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${caption}\n\n${lines.join('\n')}\n`;
}

/** Shows the median, and the middle half of the measurements. */
export function spread({ median, low, high }: Summary): string {
  const digits = median >= 10 ? 0 : 2;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

export function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}
