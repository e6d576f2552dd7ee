import {
  paginateQuery,
  paginateScan,
  type QueryCommandInput,
  type ScanCommandInput,
} from '@aws-sdk/lib-dynamodb';
import type { LedgerRow, TokenId } from '../../lambda/operator.ts';
import type { Tables } from './tables.ts';

type Reader = Pick<Tables, 'client' | 'signal'>;

/** Returns the rows that a query finds, page by page. The caller vouches for the row type. */
export async function* queried<Row>(
  { client, signal }: Reader,
  query: QueryCommandInput,
): AsyncGenerator<Row, void> {
  for await (const { Items = [] } of paginateQuery({ client }, query, { abortSignal: signal })) {
    yield* Items as Row[];
  }
}

/** Returns the rows that a scan finds, page by page, with consistent reads. The caller vouches for the row type. */
export async function* scanned<Row>(
  { client, signal }: Reader,
  scan: Omit<ScanCommandInput, 'ConsistentRead' | 'IndexName'>,
): AsyncGenerator<Row, void> {
  const current = { ...scan, ConsistentRead: true };
  for await (const { Items = [] } of paginateScan({ client }, current, { abortSignal: signal })) {
    yield* Items as Row[];
  }
}

/** Returns all ledger entries of a token, oldest first, with a consistent read. */
export async function historyOf(
  tables: Reader & Pick<Tables, 'ledgerTable'>,
  tokenId: TokenId,
): Promise<readonly LedgerRow[]> {
  const rows: LedgerRow[] = [];
  const history = queried<LedgerRow>(tables, {
    TableName: tables.ledgerTable,
    KeyConditionExpression: 'tokenId = :tokenId',
    ExpressionAttributeValues: { ':tokenId': tokenId },
    ConsistentRead: true,
  });
  for await (const row of history) rows.push(row);
  return rows;
}
