import type { Chart } from './chart.ts';
import type { Summary } from './statistics.ts';

/** Results of one part of the benchmark. */
export interface Report {
  /** The argument that runs this part: `npm run bench -- cold`. */
  readonly name: string;
  readonly tables: readonly Table[];
  readonly charts: readonly Chart[];
  /** The figures behind the tables, for `results.json`. */
  readonly data: unknown;
}

/** Options from the command line. */
export interface Options {
  readonly rounds: number;
  /** A temporary folder for builds. */
  readonly folder: string;
  /** The functions that `cold`, `memory`, and `calls` measure. `undefined` selects each part's default. */
  readonly functions: readonly string[] | undefined;
}

export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Returns a Markdown table with right-aligned numbers. */
export function markdown({ caption, head, rows }: Table): string {
  const rules = head.map((_, index) => (index === 0 ? '---' : '---:'));
  const lines = [head, rules, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${caption}\n\n${lines.join('\n')}\n`;
}

/** Formats the median and the middle half of the measurements. */
export function spread({ median, low, high }: Summary): string {
  const digits = median >= 10 ? 0 : 2;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

export function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`;
}
