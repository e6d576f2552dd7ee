import type { AssetName } from '../../lambda/domain/asset-name.ts';
import type { EmailAddress, TokenId } from '../../lambda/domain/ids.ts';
import type { IssueHistory, Ledger } from '../../lambda/domain/ports.ts';
import type { LedgerEntry } from '../../lambda/domain/records.ts';

/** The ledger in memory: one line for each token, time and event, never written over. */
export class MemoryLedger implements Ledger, IssueHistory {
  readonly #lines = new Map<string, LedgerEntry>();

  /** All lines, in the order in which they were written. */
  get entries(): readonly LedgerEntry[] {
    return [...this.#lines.values()];
  }

  async append(entry: LedgerEntry): Promise<void> {
    const key = `${entry.tokenId} ${entry.at.toISOString()}#${entry.event}`;
    if (!this.#lines.has(key)) this.#lines.set(key, structuredClone(entry));
  }

  async recipientOf(
    tokenId: TokenId,
  ): Promise<{ readonly asset: AssetName; readonly address: EmailAddress } | undefined> {
    for (const entry of this.#lines.values()) {
      if (entry.tokenId === tokenId && entry.event === 'issued' && entry.address !== undefined) {
        return { asset: entry.asset, address: entry.address };
      }
    }
    return undefined;
  }
}
