import type { LedgerEntry } from '../domain/records.ts';

/** Lists what every row of the ledger table has. */
export interface LedgerRow {
  readonly tokenId: string;
  /** The ISO time, `#`, and the event. */
  readonly timeEvent: string;
  readonly [attribute: string]: unknown;
}

/** Lists what an `issued` row must have to say what a link was issued as. Only functions that issue can write it. */
const TERMS = ['asset', 'fileName', 'size', 'issuedBy', 'expiresAt', 'open', 'delivery'];

/**
 * Tells whether the ledger wrote this row. An `issued` row without its terms comes from somebody who holds the role of
 * another function. It must not hide a link or break a list.
 */
export function isWhole(row: LedgerRow): boolean {
  return row.event !== 'issued' || TERMS.every((name) => row[name] !== undefined);
}

/** Returns the line that a row holds, without what only the table needs. */
export function entryOf({
  timeEvent,
  removeAt: _removeAt,
  issuedMonth: _issuedMonth,
  ...line
}: LedgerRow): LedgerEntry {
  return { ...line, at: new Date(timeEvent.slice(0, timeEvent.indexOf('#'))) } as unknown as LedgerEntry;
}
