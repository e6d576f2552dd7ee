import {
  epochSeconds,
  type LedgerEntry,
  type Receipt,
  type TokenId,
  type TokenRecord,
} from '../../lambda/operator.ts';

/** How and when a link ended, according to one table. */
interface Ending {
  readonly kind: Receipt['kind'];
  /** Seconds since 1970. */
  readonly at: number;
}

/** What the three tables record about one token, without personal data. */
export interface Account {
  readonly tokenId: TokenId;
  /** The expiry of the link, in seconds since 1970, from the ledger. */
  issued?: { readonly expiresAt: number };
  /** How and when the link ended, from the ledger. There should be at most one ending. */
  readonly endings: Ending[];
  /** When the file was reissued, in seconds since 1970, from the ledger. */
  readonly reissues: number[];
  /** The record, from the token table. */
  record?: { readonly expiresAt: number };
  /** How and when the link ended, from the receipt table. */
  receipt?: Ending;
}

/** An account for every token that appears in any of the tables. */
export type Accounts = Map<TokenId, Account>;

export function emptyAccount(tokenId: TokenId): Account {
  return { tokenId, endings: [], reissues: [] };
}

/** The ledger events that the audit needs. The others concern e-mails, reports, deliveries, and refused requests. */
export const COUNTED_EVENTS = ['issued', 'redeemed', 'revoked', 'reissued'] as const;

export function addEntry(account: Account, entry: LedgerEntry): void {
  if (entry.event === 'issued') account.issued = { expiresAt: entry.expiresAt };
  const at = epochSeconds(entry.at);
  if (entry.event === 'redeemed' || entry.event === 'revoked')
    account.endings.push({ kind: entry.event, at });
  if (entry.event === 'reissued') account.reissues.push(at);
}

export function addRecord(account: Account, { expiresAt }: Pick<TokenRecord, 'expiresAt'>): void {
  account.record = { expiresAt };
}

export function addReceipt(account: Account, { kind, at }: Pick<Receipt, 'kind' | 'at'>): void {
  account.receipt = { kind, at };
}
