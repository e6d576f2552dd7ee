import { z } from 'zod';

/** Values by attribute name. */
type Row = Readonly<Record<string, unknown>>;

const text = z.string().nullish();
// z.record would copy the object and lose an attribute named `__proto__`.
const row = z.custom<Row>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const map = row.nullish();

/** A parameter that expressions have replaced. Local mode does not support such parameters. */
const legacy = z.null().optional();

/** The request parameters that apply to the rows of one table. */
const Parameters = z.object({
  AttributesToGet: legacy,
  AttributeUpdates: legacy,
  ConditionExpression: text,
  Expected: legacy,
  ExpressionAttributeNames: z.record(z.string(), z.string()).nullish(),
  ExpressionAttributeValues: map,
  FilterExpression: text,
  KeyConditionExpression: text,
  KeyConditions: legacy,
  ProjectionExpression: text,
  QueryFilter: legacy,
  ReturnConsumedCapacity: text,
  ReturnValues: text,
  ScanFilter: legacy,
  UpdateExpression: text,
});
export type Parameters = z.output<typeof Parameters>;

/** The part of a request that concerns one table. */
export interface Access {
  readonly table: string;
  readonly index?: string | undefined;
  /** The `Select` parameter of a Query or Scan. */
  readonly select?: string | undefined;
  /** The items that are put, and the keys of items that are read, updated, or deleted. */
  readonly rows: readonly Row[];
  readonly parameters: Parameters;
}

const One = Parameters.extend({ TableName: z.string(), Item: map, Key: map });
const Search = Parameters.extend({ TableName: z.string(), IndexName: text, Select: text });
const Reads = z.object({
  RequestItems: z.record(z.string(), Parameters.extend({ Keys: z.array(row) })),
  ReturnConsumedCapacity: text,
});
const Writes = z.object({
  RequestItems: z.record(
    z.string(),
    z.array(
      z.object({
        PutRequest: z.object({ Item: map }).nullish(),
        DeleteRequest: z.object({ Key: map }).nullish(),
      }),
    ),
  ),
  ReturnConsumedCapacity: text,
});

/** Returns whether a parameter is present. Some clients send null for absent parameters. */
export const isGiven = <Value>(value: Value | null | undefined): value is Value =>
  value !== undefined && value !== null;

const one = One.transform(({ TableName, Item, Key, ...parameters }): Access[] => [
  { table: TableName, rows: [Item, Key].filter(isGiven), parameters },
]);
const search = Search.transform(({ TableName, IndexName, Select, ...parameters }): Access[] => [
  { table: TableName, index: IndexName ?? undefined, select: Select ?? undefined, rows: [], parameters },
]);

/** For each operation, a schema that extracts the tables and rows from a request. */
export const ACCESSES: Readonly<Record<string, z.ZodType<readonly Access[]>>> = {
  BatchGetItem: Reads.transform(({ RequestItems, ReturnConsumedCapacity }) =>
    Object.entries(RequestItems).map(([table, { Keys, ...parameters }]) => ({
      table,
      rows: Keys,
      parameters: { ...parameters, ReturnConsumedCapacity },
    })),
  ),
  BatchWriteItem: Writes.transform(({ RequestItems, ReturnConsumedCapacity }) =>
    Object.entries(RequestItems).map(([table, writes]) => ({
      table,
      rows: writes.flatMap((write) => [write.PutRequest?.Item, write.DeleteRequest?.Key]).filter(isGiven),
      parameters: { ReturnConsumedCapacity },
    })),
  ),
  DeleteItem: one,
  GetItem: one,
  PutItem: one,
  Query: search,
  Scan: search,
  UpdateItem: one,
};

export const writesItems = (operation: string): boolean =>
  /^(?:BatchWrite|Delete|Put|Update)Item$/.test(operation);
