import type { LedgerEntry } from '../domain/records.ts';

/** Attributes of every row of the ledger table. */
export interface LedgerRow {
  readonly tokenId: string;
  /** ISO time and event, joined by `#`. */
  readonly timeEvent: string;
  readonly [attribute: string]: unknown;
}

/** Attributes of every valid `issued` row. Only functions that issue links can write them. */
const TERMS = ['asset', 'fileName', 'size', 'issuedBy', 'expiresAt', 'open', 'delivery'];

/**
 * Returns whether the row is valid. An `issued` row that lacks terms was written with the role of a function that does
 * not issue links. Such a row must not hide a link or break a list.
 */
export function isWhole(row: LedgerRow): boolean {
  return row.event !== 'issued' || TERMS.every((name) => row[name] !== undefined);
}

/** Converts a row to a ledger entry, without attributes that only the table needs. */
export function entryOf({
  timeEvent,
  removeAt: _removeAt,
  issuedMonth: _issuedMonth,
  ...line
}: LedgerRow): LedgerEntry {
  return { ...line, at: new Date(timeEvent.slice(0, timeEvent.indexOf('#'))) } as unknown as LedgerEntry;
}
