import type { TokenId } from '../../lambda/domain/ids.ts';
import type { LedgerEntry, Receipt, TokenRecord } from '../../lambda/domain/records.ts';

/** An ending as one of the books has it. */
interface Ending {
  readonly kind: Receipt['kind'];
  /** Seconds since 1970. */
  readonly at: number;
}

/** All that the three tables say of one token, and nothing personal. */
export interface Account {
  readonly tokenId: TokenId;
  /** From the ledger: when the link was to expire, in seconds since 1970. */
  issued?: { readonly expiresAt: number };
  /** From the ledger: how it ended. There should be one line at most. */
  readonly endings: Ending[];
  /** From the token table. */
  record?: { readonly expiresAt: number };
  /** From the receipt table. */
  receipt?: Ending;
}

/** Every token that any of the tables knows. */
export type Accounts = Map<TokenId, Account>;

/** An account of a token of which nothing is known yet. */
export function emptyAccount(tokenId: TokenId): Account {
  return { tokenId, endings: [] };
}

/** The lines that count; all others tell of mails and deliveries. */
export const COUNTED_EVENTS = ['issued', 'redeemed', 'revoked'] as const;

/** Enters a line of the ledger. */
export function enterLine(account: Account, line: LedgerEntry): void {
  if (line.event === 'issued') account.issued = { expiresAt: line.expiresAt };
  if (line.event === 'redeemed' || line.event === 'revoked') {
    account.endings.push({ kind: line.event, at: Math.floor(line.at.getTime() / 1000) });
  }
}

/** Enters a row of the token table. */
export function enterRecord(account: Account, { expiresAt }: Pick<TokenRecord, 'expiresAt'>): void {
  account.record = { expiresAt };
}

/** Enters a row of the receipt table. */
export function enterReceipt(account: Account, { kind, at }: Pick<Receipt, 'kind' | 'at'>): void {
  account.receipt = { kind, at };
}
