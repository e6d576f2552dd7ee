import { createHash } from 'node:crypto';
import type { TokenId } from '../../lambda/operator.ts';
import { scanned } from '../tables/rows.ts';
import type { Tables } from '../tables/tables.ts';
import { linkIdsIn } from './link-ids-in.ts';

/** The links that a copy comes from, and how they were found. */
export interface Trace {
  /** `unchanged`: a receipt has the hash of this file; `changed`: only the IDs in the file lead to links. */
  readonly copy: 'unchanged' | 'changed';
  readonly tokenIds: readonly TokenId[];
}

/** Finds the link of a copy. Reads all receipts, because no index covers the hashes of copies. */
export async function traceCopy(
  tables: Pick<Tables, 'client' | 'signal' | 'receiptTable'>,
  file: Buffer,
): Promise<Trace> {
  const receipts = scanned<{ readonly tokenId: TokenId }>(tables, {
    TableName: tables.receiptTable,
    FilterExpression: 'stampedSha256 = :sha256',
    ExpressionAttributeValues: { ':sha256': createHash('sha256').update(file).digest('hex') },
    ProjectionExpression: 'tokenId',
  });
  for await (const { tokenId } of receipts) return { copy: 'unchanged', tokenIds: [tokenId] };
  return { copy: 'changed', tokenIds: linkIdsIn(file) };
}
