import type { Ledger, Report } from './ports.ts';
import type { LedgerEntry } from './records.ts';

/** Writes a line of history. One that cannot be written changes no outcome: it is reported instead. */
export async function appendOrReport(
  { ledger, report }: { readonly ledger: Ledger; readonly report: Report },
  entry: LedgerEntry,
): Promise<void> {
  try {
    await ledger.append(entry);
  } catch (cause) {
    report({ incident: 'ledger-write-failed', tokenId: entry.tokenId }, cause);
  }
}
