import type { LedgerEntry } from '../domain/records.ts';

/** Lists what every row of the ledger table has. */
export interface LedgerRow {
  readonly tokenId: string;
  /** The ISO time, `#`, and the event. */
  readonly timeEvent: string;
  readonly [attribute: string]: unknown;
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
