import {
  entryOf,
  type LedgerRow,
  openTokenStore,
  type Receipt,
  type TokenId,
  type TokenRecord,
} from '../../lambda/operator.ts';
import { historyOf, scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import {
  type Account,
  type Accounts,
  addEntry,
  addReceipt,
  addRecord,
  COUNTED_EVENTS,
  emptyAccount,
} from './account.ts';

type AuditedTables = Omit<Tables, 'quotaTable'>;

/** Reads the three tables, one after the other. A token that changes meanwhile may look inconsistent. */
export async function readAccounts(tables: AuditedTables): Promise<Accounts> {
  const accounts: Accounts = new Map();
  const open = (tokenId: TokenId): Account => {
    const known = accounts.get(tokenId) ?? emptyAccount(tokenId);
    accounts.set(tokenId, known);
    return known;
  };
  for await (const row of decidingEntries(tables)) {
    addEntry(open(row.tokenId as TokenId), entryOf(row));
  }
  for await (const record of scanned<RecordRow>(tables, {
    TableName: tables.tokenTable,
    ProjectionExpression: 'tokenId, expiresAt',
  })) {
    addRecord(open(record.tokenId), record);
  }
  for await (const receipt of scanned<ReceiptRow>(tables, {
    TableName: tables.receiptTable,
    ProjectionExpression: 'tokenId, kind, #at',
    ExpressionAttributeNames: { '#at': 'at' },
  })) {
    addReceipt(open(receipt.tokenId), receipt);
  }
  return accounts;
}

type RecordRow = Pick<TokenRecord, 'tokenId' | 'expiresAt'>;
type ReceiptRow = Pick<Receipt, 'tokenId' | 'kind' | 'at'>;

/** Reads the ledger entries that the audit needs, leaving out personal attributes. */
function decidingEntries(tables: AuditedTables): AsyncGenerator<LedgerRow, void> {
  const wanted = COUNTED_EVENTS.map((event, at) => [`:e${at}`, event] as const);
  return scanned<LedgerRow>(tables, {
    TableName: tables.ledgerTable,
    FilterExpression: `#event IN (${wanted.map(([placeholder]) => placeholder).join(', ')})`,
    ProjectionExpression: 'tokenId, timeEvent, #event, expiresAt',
    ExpressionAttributeNames: { '#event': 'event' },
    ExpressionAttributeValues: Object.fromEntries(wanted),
  });
}

/** Reads one token again, with consistent reads. */
export async function readAgain(tables: AuditedTables, tokenId: TokenId): Promise<Account> {
  const account = emptyAccount(tokenId);
  // Read the ledger first: receipts are written before ledger entries, so an ending that is found here already has
  // its receipt.
  for (const row of await historyOf(tables, tokenId)) addEntry(account, entryOf(row));
  const { record, receipt } = await (await openTokenStore(tables.client, tables)).find(tokenId);
  if (record !== undefined) addRecord(account, record);
  if (receipt !== undefined) addReceipt(account, receipt);
  return account;
}
