import type { LedgerEntry } from '../domain/records.ts';

/** What every row of the ledger table has. */
export interface LedgerRow {
  readonly tokenId: string;
  /** The ISO time, `#`, and the event. */
  readonly timeEvent: string;
  readonly [attribute: string]: unknown;
}

/** The attributes without which a row does not say what a link was issued as. Only functions that issue can write them. */
const TERMS = ['asset', 'fileName', 'size', 'issuedBy', 'expiresAt', 'open', 'delivery'];

/**
 * Tells whether a row is a line of history as the ledger writes it. One that says `issued` and not what was issued is put
 * by somebody who holds the role of another function: it must hide no link and break no list.
 */
export function isWhole(row: LedgerRow): boolean {
  return row.event !== 'issued' || TERMS.every((name) => row[name] !== undefined);
}

/** The line that a row holds, without what only the table needs. */
export function entryOf({
  timeEvent,
  removeAt: _removeAt,
  issuedMonth: _issuedMonth,
  ...line
}: LedgerRow): LedgerEntry {
  return { ...line, at: new Date(timeEvent.slice(0, timeEvent.indexOf('#'))) } as unknown as LedgerEntry;
}
