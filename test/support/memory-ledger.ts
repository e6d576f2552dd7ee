import type { EpochSeconds, TokenId } from '../../lambda/domain/ids.ts';
import type {
  Appended,
  IssuedTo,
  IssueHistory,
  Ledger,
  LinkFilter,
  LinkHistory,
  ListPosition,
} from '../../lambda/domain/ports.ts';
import type { IssuedEntry, LedgerEntry } from '../../lambda/domain/records.ts';

/** An in-memory ledger with one entry per token, time, and event. Entries are never overwritten. */
export class MemoryLedger implements Ledger, IssueHistory, LinkHistory {
  readonly #lines = new Map<string, LedgerEntry>();
  /** The expiry that each entry was appended with, in the order in which they were written. */
  readonly expiries: (EpochSeconds | undefined)[] = [];

  /** All entries, in the order in which they were written. */
  get entries(): readonly LedgerEntry[] {
    return [...this.#lines.values()];
  }

  /** All entries except `issued`. */
  get later(): readonly LedgerEntry[] {
    return this.entries.filter(({ event }) => event !== 'issued');
  }

  /** The reasons of all `refused` entries. */
  get refusals(): readonly string[] {
    return this.entries.flatMap((entry) => (entry.event === 'refused' ? [entry.reason] : []));
  }

  async append(entry: LedgerEntry, expiresAt?: EpochSeconds): Promise<Appended> {
    const key = `${entry.tokenId} ${entry.at.toISOString()}#${entry.event}`;
    if (this.#lines.has(key)) return 'known';
    this.expiries.push(expiresAt);
    this.#lines.set(key, structuredClone(entry));
    return 'appended';
  }

  async recipientOf(tokenId: TokenId): Promise<IssuedTo | undefined> {
    for (const entry of this.#lines.values()) {
      if (entry.tokenId === tokenId && entry.event === 'issued' && entry.address !== undefined) {
        const { asset, issuedBy, expiresAt, address } = entry;
        return { asset, issuedBy, expiresAt, address };
      }
    }
    return undefined;
  }

  async linesOf(tokenId: TokenId): Promise<readonly LedgerEntry[]> {
    return this.entries
      .filter((entry) => entry.tokenId === tokenId)
      .toSorted((left, right) => left.at.getTime() - right.at.getTime());
  }

  async issuedLinks(
    { asset, pseudonym, callerId }: LinkFilter,
    { limit, after }: { readonly limit: number; readonly after?: ListPosition },
  ): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }> {
    const wanted = this.entries
      .filter((entry) => entry.event === 'issued')
      .filter((entry) => asset === undefined || entry.asset === asset)
      .filter((entry) => pseudonym === undefined || entry.pseudonym === pseudonym)
      .filter((entry) => callerId === undefined || entry.callerId === callerId)
      .toReversed();
    const start = after === undefined ? 0 : wanted.findIndex(({ tokenId }) => tokenId === after) + 1;
    const links = wanted.slice(start, start + limit);
    const next = links.at(-1)?.tokenId;
    return { links, ...(next !== undefined && links.length === limit && { next }) };
  }
}
