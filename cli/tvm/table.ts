import stringWidth from 'string-width';
import { escapeControls } from './escape-controls.ts';

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string;
  /** The cell as a person reads it. */
  readonly of: (row: Row) => string;
  /** The cell as a program reads it, where that differs: bytes as a number, times in full. */
  readonly plain?: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** May be shortened where the terminal is narrow; ids never are. */
  readonly shrink?: 'shorten';
  /** Left out on a terminal of fewer columns; programs always get it. */
  readonly fromWidth?: number;
}

const GAP = '  ';
/** No column is shortened below this. */
const LEAST = 8;

/** The lines of a table for a terminal, the titles first. Columns in which nothing stands are left out. */
export function tableLines<Row>(
  allColumns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): readonly string[] {
  const columns = allColumns.filter(
    ({ fromWidth = 0, of }) => fromWidth <= width && rows.some((row) => of(row) !== ''),
  );
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => escapeControls(of(row)))),
  ];
  const natural = columns.map((_, at) => Math.max(...cells.map((line) => stringWidth(line[at] ?? ''))));
  const widths = widthsWithin(columns, natural, width);
  return cells.map((line) =>
    line
      .map((cell, at) => pad(shorten(cell, widths[at] ?? 0), widths[at] ?? 0, columns[at]?.align ?? 'left'))
      .join(GAP)
      .trimEnd(),
  );
}

/** The same rows for a program: tab-separated, no titles, nothing shortened. */
export function plainLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  return rows.map((row) => columns.map(({ of, plain = of }) => escapeControls(plain(row))).join('\t'));
}

/** Takes what is too wide from the widest of the columns that may be shortened. */
function widthsWithin<Row>(
  columns: readonly Column<Row>[],
  natural: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1));
  while (total() > width) {
    const widest = columns
      .map(({ shrink }, at) => ({ at, size: shrink === undefined ? 0 : (widths[at] ?? 0) }))
      .reduce((left, right) => (right.size > left.size ? right : left));
    if (widest.size <= LEAST) break;
    widths[widest.at] = widest.size - 1;
  }
  return widths;
}

/** Cuts to a width in columns of the terminal, with an ellipsis where something is gone. */
export function shorten(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + space : space + text;
}
