import { z } from 'zod';
import type { Conditions } from '../access.ts';
import type { Ask, Asked } from '../services/front.ts';
import { attributesIn, valuesEqualTo } from './expression.ts';
import type { TableKeys } from './table-keys.ts';

/*
 * What a request to DynamoDB asks IAM for, with the condition keys of fine-grained access control.
 *
 * Documented in the DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (FGAC), in
 * the Service Authorization Reference for DynamoDB (SAR) and in the DynamoDB API Reference (API):
 *
 * - `dynamodb:LeadingKeys`: the partition key of every item that a request names. A Scan has none, as it reads all items
 *   whatever their key (FGAC, SAR). ForAllValues is true for a request without the key (IAM User Guide, "Set operators
 *   for multivalued context keys"), so a policy on leading keys must not allow Scan.
 * - `dynamodb:Attributes`: the top-level attributes that the parameters name, nested ones by the attribute they lie in
 *   (FGAC). What is written, projected, and tested by a condition or a filter counts (FGAC, examples 3 and 6), and the key
 *   attributes must be listed (FGAC, "Important"). Attributes that only the answer holds do not count: without a
 *   projection a read returns all, and `ReturnValues` may return a whole item.
 * - `dynamodb:ReturnValues`: of the three writes of one item (SAR), `NONE` if the parameter is not given (FGAC: it
 *   "always has a value"). No key represents `ReturnValuesOnConditionCheckFailure` (FGAC and SAR name none).
 * - `dynamodb:Select`: of reads (FGAC, SAR); the defaults are those of the API's Query.
 * - `dynamodb:ReturnConsumedCapacity`: `NONE` by default (API).
 *
 * Assumed, each time what denies more: all operands of an expression count, not only what it changes; the keys of the
 * table and of the index count, named or not; the leading key of an index is the index's own partition key; a number is
 * compared as it was sent; a leading key that cannot be read matches no value of a policy. `Select` of an operation that
 * has no such parameter is `SPECIFIC_ATTRIBUTES` only with a projection. A batch is decided table by table, and denied
 * whole.
 *
 * Transactions and PartiQL have no action of their own name in IAM: they are denied here, and dynalite has neither.
 */

/** Attributes, or something else by the names of attributes. */
type Row = Readonly<Record<string, unknown>>;

const text = z.string().nullish();
// As it is: a copy would lose an attribute that is called `__proto__`.
const row = z.custom<Row>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));
const map = row.nullish();

/** What the parameters of a request say about the rows of one table. */
const Parameters = z.object({
  AttributesToGet: z.array(z.string()).nullish(),
  AttributeUpdates: map,
  ConditionExpression: text,
  Expected: map,
  ExpressionAttributeNames: z.record(z.string(), z.string()).nullish(),
  ExpressionAttributeValues: map,
  FilterExpression: text,
  KeyConditionExpression: text,
  KeyConditions: map,
  ProjectionExpression: text,
  QueryFilter: map,
  ReturnConsumedCapacity: text,
  ReturnValues: text,
  ScanFilter: map,
  UpdateExpression: text,
});
type Parameters = z.output<typeof Parameters>;

/** The part of a request that is about one table. */
interface Access {
  readonly table: string;
  readonly index?: string | undefined;
  /** As a search asks for it. */
  readonly select?: string | undefined;
  /** Items that are written, and keys of items that are read, changed or deleted. */
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

const isGiven = <Value>(value: Value | null | undefined): value is Value =>
  value !== undefined && value !== null;

const one = One.transform(({ TableName, Item, Key, ...parameters }): Access[] => [
  { table: TableName, rows: [Item, Key].filter(isGiven), parameters },
]);
const search = Search.transform(({ TableName, IndexName, Select, ...parameters }): Access[] => [
  { table: TableName, index: IndexName ?? undefined, select: Select ?? undefined, rows: [], parameters },
]);

/** How the operations on items name their tables and rows. */
const ACCESSES: Readonly<Record<string, z.ZodType<readonly Access[]>>> = {
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

const WRITES_OF_ONE: ReadonlySet<string> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** Stands for a leading key that cannot be read. It matches wildcards of a policy and nothing else. */
const UNREADABLE = '\u{fffd}';

/** Whether IAM decides about an operation with conditions on items. */
export const isOnItems = (operation: string): boolean => Object.hasOwn(ACCESSES, operation);

/** Lists what an operation on items asks for, table by table. Input of another shape is refused as DynamoDB does. */
export async function asksOnItems(
  operation: string,
  input: unknown,
  {
    tableArn,
    keysOf,
  }: {
    tableArn(table: string): string;
    keysOf(table: string, index: string | undefined): Promise<TableKeys | undefined>;
  },
): Promise<Asked> {
  const action = `dynamodb:${operation}`;
  const accesses = ACCESSES[operation]?.safeParse(input).data;
  if (accesses === undefined)
    return { code: 'SerializationException', message: 'The parameters have another shape.' };
  return await Promise.all(
    accesses.map(async (access): Promise<Ask> => {
      const { table, index } = access;
      const resource = tableArn(table) + (index === undefined ? '' : `/index/${index}`);
      return { action, resource, conditions: conditionsOf(operation, access, await keysOf(table, index)) };
    }),
  );
}

function conditionsOf(operation: string, access: Access, keys: TableKeys | undefined): Conditions {
  const { ReturnConsumedCapacity, ReturnValues } = access.parameters;
  return {
    'dynamodb:Attributes': inOrder(attributesOf(access, keys)),
    ...(operation !== 'Scan' && { 'dynamodb:LeadingKeys': inOrder(leadingKeys(operation, access, keys)) }),
    'dynamodb:ReturnConsumedCapacity': ReturnConsumedCapacity ?? 'NONE',
    ...(WRITES_OF_ONE.has(operation) && { 'dynamodb:ReturnValues': ReturnValues ?? 'NONE' }),
    ...(READS.has(operation) && { 'dynamodb:Select': selectOf(access) }),
  };
}

/** Each value once: the order of a request's parameters decides nothing. */
const inOrder = (values: readonly string[]): readonly string[] => [...new Set(values)].sort();

function attributesOf({ rows, parameters }: Access, keys: TableKeys | undefined): readonly string[] {
  const names = parameters.ExpressionAttributeNames ?? {};
  const expressions = [
    parameters.ConditionExpression,
    parameters.FilterExpression,
    parameters.KeyConditionExpression,
    parameters.ProjectionExpression,
    parameters.UpdateExpression,
  ];
  const { AttributeUpdates, Expected, KeyConditions, QueryFilter, ScanFilter } = parameters;
  const maps = [...rows, AttributeUpdates, Expected, KeyConditions, QueryFilter, ScanFilter];
  return [
    ...(keys?.all ?? []),
    ...maps.flatMap((each) => Object.keys(each ?? {})),
    ...(parameters.AttributesToGet ?? []),
    ...expressions.flatMap((expression) => attributesIn(expression ?? '', names)),
  ];
}

function leadingKeys(
  operation: string,
  { rows, parameters }: Access,
  keys: TableKeys | undefined,
): readonly string[] {
  const values =
    operation === 'Query'
      ? queriedPartitions(parameters, keys)
      : rows.map((row) => (keys === undefined ? undefined : row[keys.partition]));
  return values.length === 0 ? [UNREADABLE] : values.map(textOf);
}

/** The values of the partition key that a query asks for: one, if DynamoDB is to answer it. */
function queriedPartitions(parameters: Parameters, keys: TableKeys | undefined): readonly unknown[] {
  if (keys === undefined) return [];
  const { ExpressionAttributeNames, ExpressionAttributeValues, KeyConditions } = parameters;
  const expression = parameters.KeyConditionExpression ?? '';
  const placeholders = valuesEqualTo(keys.partition, expression, ExpressionAttributeNames ?? {});
  const { AttributeValueList } = OldCondition.safeParse(KeyConditions?.[keys.partition]).data ?? {};
  return [
    ...placeholders.map((placeholder) => ExpressionAttributeValues?.[placeholder]),
    ...(AttributeValueList ?? []),
  ];
}

const OldCondition = z.object({ AttributeValueList: z.array(z.unknown()) });

/** A string, or a number or base64 as it was sent. */
function textOf(value: unknown): string {
  const { S, N, B } = KeyValue.safeParse(value).data ?? {};
  return S ?? N ?? B ?? UNREADABLE;
}

const KeyValue = z.object({ S: text, N: text, B: text });

/** DynamoDB refuses a search for specific attributes that names none; dynalite would return them all. */
function selectOf({ index, select, parameters }: Access): string {
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') return select;
  if (isGiven(parameters.ProjectionExpression) || isGiven(parameters.AttributesToGet))
    return 'SPECIFIC_ATTRIBUTES';
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}
