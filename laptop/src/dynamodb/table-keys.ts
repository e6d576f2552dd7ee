import { z } from 'zod';
import { callEmulator, type Upstream } from '../services/emulator.ts';

/** The key attributes of a table, or of one of its indexes. */
export interface TableKeys {
  /** The partition key of the index, or of the table if the request names no index. */
  readonly partition: string;
  /** All key attributes of the table, and of the index if the request names one. */
  readonly all: readonly string[];
}

const Schema = z.object({
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })),
});
const Indexes = z.array(Schema.extend({ IndexName: z.string() })).default([]);
const Table = Schema.extend({ GlobalSecondaryIndexes: Indexes });
type Table = z.output<typeof Table>;

/** The prefix of DynamoDB's operations in `X-Amz-Target`. */
export const DYNAMODB = 'DynamoDB_20120810';

/** A cache of the tables' keys. It calls DescribeTable once per table. */
export class KnownTables {
  readonly #tables = new Map<string, Table>();

  /** Resolves to undefined if there is no such table or index. */
  async keysOf(table: string, index: string | undefined, upstream: Upstream): Promise<TableKeys | undefined> {
    const known = this.#tables.get(table) ?? (await describe(table, upstream));
    if (known === undefined) return undefined;
    this.#tables.set(table, known);
    const { GlobalSecondaryIndexes: indexes } = known;
    const addressed = index === undefined ? known : indexes.find(({ IndexName }) => IndexName === index);
    const partition = addressed?.KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
    if (addressed === undefined || partition === undefined) return undefined;
    const keys = new Set([...known.KeySchema, ...addressed.KeySchema].map((key) => key.AttributeName));
    return { partition, all: [...keys] };
  }

  /** Clears the cache. Call this before tables change. */
  forget(): void {
    this.#tables.clear();
  }
}

async function describe(TableName: string, upstream: Upstream): Promise<Table | undefined> {
  const response = await callEmulator(upstream, `${DYNAMODB}.DescribeTable`, JSON.stringify({ TableName }));
  return Table.safeParse(response?.Table).data;
}
