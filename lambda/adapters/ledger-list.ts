import type { QueryCommandInput, QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import type { LinkFilter, ListPosition } from '../domain/ports.ts';
import type { IssuedEntry } from '../domain/records.ts';
import { entryOf, isWhole, type LedgerRow } from './ledger-rows.ts';

/**
 * Maximum number of queries per page. Entries that the filter excludes are read as well, so filling a page could take
 * many queries.
 */
const MOST_QUERIES = 12;

/** Maximum number of entries per query, including those that the filter excludes. */
const LINES_A_QUERY = 500;

/** Index partition that the list reads, newest links first. */
interface Partition {
  readonly index: 'byAsset' | 'byPseudonym' | 'byMonth';
  readonly attribute: 'asset' | 'pseudonym' | 'issuedMonth';
  readonly value: string;
}

/** Where the next query starts: after an entry of a partition, or at the beginning of the partition. */
interface Position {
  readonly value: string;
  readonly after?: LineKey;
}

type LineKey = Pick<LedgerRow, 'tokenId' | 'timeEvent'>;

export interface ListPage {
  readonly limit: number;
  readonly after?: ListPosition;
  readonly now: Date;
}

/**
 * Reads links from the most selective index that suits the filter: by recipient, by asset, or month by month.
 *
 * @param oldestMonth the earliest month that can have entries
 */
export async function readIssuedLinks(
  query: (input: Omit<QueryCommandInput, 'TableName'>) => Promise<QueryCommandOutput>,
  filter: LinkFilter,
  { limit, after, now }: ListPage,
  oldestMonth: string,
): Promise<{ readonly links: readonly IssuedEntry[]; readonly next?: ListPosition }> {
  const links: IssuedEntry[] = [];
  let position: Position | undefined =
    after === undefined ? start(filter, now) : (JSON.parse(after) as Position);
  for (let queries = 0; position !== undefined && queries < MOST_QUERIES; queries += 1) {
    const partition = partitionOf(filter, position);
    const { Items = [], LastEvaluatedKey } = await query(inputOf(partition, filter, position));
    for (const row of (Items as LedgerRow[]).filter(isWhole)) {
      links.push(entryOf(row) as IssuedEntry);
      position = { value: partition.value, after: keyOf(row) };
      if (links.length === limit) return { links, next: JSON.stringify(position) };
    }
    position =
      LastEvaluatedKey === undefined
        ? nextPartition(partition, oldestMonth)
        : { value: partition.value, after: keyOf(LastEvaluatedKey as LedgerRow) };
  }
  return { links, ...(position !== undefined && { next: JSON.stringify(position) }) };
}

function start({ asset, pseudonym }: LinkFilter, now: Date): Position {
  return { value: pseudonym ?? asset ?? monthOf(now) };
}

function partitionOf({ asset, pseudonym }: LinkFilter, { value }: Position): Partition {
  if (pseudonym !== undefined) return { index: 'byPseudonym', attribute: 'pseudonym', value };
  if (asset !== undefined) return { index: 'byAsset', attribute: 'asset', value };
  return { index: 'byMonth', attribute: 'issuedMonth', value };
}

function inputOf({ index, attribute, value }: Partition, filter: LinkFilter, { after }: Position) {
  const conditions = { event: 'issued', ...filter, [attribute]: undefined };
  const asked = Object.entries(conditions).filter(([, wanted]) => wanted !== undefined);
  return {
    IndexName: index,
    KeyConditionExpression: '#partition = :partition',
    FilterExpression: asked.map(([name]) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: {
      '#partition': attribute,
      ...Object.fromEntries(asked.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':partition': value,
      ...Object.fromEntries(asked.map(([name, wanted]) => [`:${name}`, wanted])),
    },
    ScanIndexForward: false,
    Limit: LINES_A_QUERY,
    ...(after && { ExclusiveStartKey: { ...after, [attribute]: value } }),
  };
}

function nextPartition({ index, value }: Partition, oldestMonth: string): Position | undefined {
  if (index !== 'byMonth' || value <= oldestMonth) return undefined;
  const [year = 0, month = 0] = value.split('-').map(Number);
  return { value: monthOf(new Date(Date.UTC(year, month - 2))) };
}

function keyOf({ tokenId, timeEvent }: LedgerRow): LineKey {
  return { tokenId, timeEvent };
}

/** Returns the UTC month of a time, such as `2026-11`, as used by the index `byMonth`. */
export function monthOf(moment: Date): string {
  return moment.toISOString().slice(0, 7);
}
