import type { Ledger, Report } from './ports.ts';
import type { LedgerEntry } from './records.ts';

/** Appends a ledger entry. A failed write is reported and does not change the outcome. */
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
