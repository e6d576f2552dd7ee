import { DynamoTokenStore } from '../../lambda/adapters/dynamo-token-store.ts';
import { entryOf, type LedgerRow } from '../../lambda/adapters/ledger-rows.ts';
import type { TokenId } from '../../lambda/domain/ids.ts';
import type { Receipt, TokenRecord } from '../../lambda/domain/records.ts';
import { historyOf, scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import {
  type Account,
  type Accounts,
  COUNTED_EVENTS,
  emptyAccount,
  enterLine,
  enterReceipt,
  enterRecord,
} from './account.ts';

type Books = Omit<Tables, 'quotaTable'>;

/** Reads all three tables, one after the other: what changes meanwhile may look like a contradiction. */
export async function readBooks(books: Books): Promise<Accounts> {
  const accounts: Accounts = new Map();
  const open = (tokenId: TokenId): Account => {
    const known = accounts.get(tokenId) ?? emptyAccount(tokenId);
    accounts.set(tokenId, known);
    return known;
  };
  for await (const row of linesThatCount(books)) {
    enterLine(open(row.tokenId as TokenId), entryOf(row));
  }
  for await (const record of scanned<RecordRow>(books, {
    TableName: books.tokenTable,
    ProjectionExpression: 'tokenId, expiresAt',
  })) {
    enterRecord(open(record.tokenId), record);
  }
  for await (const receipt of scanned<ReceiptRow>(books, {
    TableName: books.receiptTable,
    ProjectionExpression: 'tokenId, kind, #at',
    ExpressionAttributeNames: { '#at': 'at' },
  })) {
    enterReceipt(open(receipt.tokenId), receipt);
  }
  return accounts;
}

type RecordRow = Pick<TokenRecord, 'tokenId' | 'expiresAt'>;
type ReceiptRow = Pick<Receipt, 'tokenId' | 'kind' | 'at'>;

/** Nothing personal is fetched. */
function linesThatCount(books: Books): AsyncGenerator<LedgerRow, void> {
  const wanted = COUNTED_EVENTS.map((event, at) => [`:e${at}`, event] as const);
  return scanned<LedgerRow>(books, {
    TableName: books.ledgerTable,
    FilterExpression: `#event IN (${wanted.map(([placeholder]) => placeholder).join(', ')})`,
    ProjectionExpression: 'tokenId, timeEvent, #event, expiresAt',
    ExpressionAttributeNames: { '#event': 'event' },
    ExpressionAttributeValues: Object.fromEntries(wanted),
  });
}

/** Reads one token again, everything at once and as it is now. */
export async function readAgain(books: Books, tokenId: TokenId): Promise<Account> {
  const account = emptyAccount(tokenId);
  // The history first: whatever ends a token puts the receipt before the line, so what is told here is found there.
  for (const row of await historyOf(books, tokenId)) enterLine(account, entryOf(row));
  const { record, receipt } = await new DynamoTokenStore(books.client, books).find(tokenId);
  if (record !== undefined) enterRecord(account, record);
  if (receipt !== undefined) enterReceipt(account, receipt);
  return account;
}
