import stringWidth from 'string-width';
import { escapeControls } from './escape-controls.ts';

export interface Column<Row> {
  readonly title: string;
  /** Returns the cell for people. */
  readonly of: (row: Row) => string;
  /** Returns the cell for programs, if it differs: sizes in bytes, full times. */
  readonly plain?: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Set if the column may be shortened on a narrow terminal. */
  readonly shrink?: 'shorten';
  /** The minimum terminal width at which the column is shown. Programs always get the column. */
  readonly fromWidth?: number;
}

const GAP = '  ';
/** Minimum width of a shortened column. */
const MIN_WIDTH = 8;

/**
 * Returns the lines of a table for a terminal, starting with the column titles. Leaves out empty columns, and
 * columns that need a wider terminal.
 */
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

/** Returns the lines of a table for programs: cells separated by tabs, without titles, never shortened. */
export function plainLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly string[] {
  return rows.map((row) => columns.map(({ of, plain = of }) => escapeControls(plain(row))).join('\t'));
}

/** Shortens the widest columns that allow it until the table fits. */
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
    if (widest.size <= MIN_WIDTH) break;
    widths[widest.at] = widest.size - 1;
  }
  return widths;
}

/** Shortens a text to a width in terminal columns, with an ellipsis at the end if anything was cut off. */
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
