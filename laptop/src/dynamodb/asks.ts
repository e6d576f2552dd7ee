import { z } from 'zod';
import type { Conditions } from '../access.ts';
import type { Ask, Asked } from '../services/auth-proxy.ts';
import { ACCESSES, type Access, isGiven, type Parameters } from './accesses.ts';
import { attributesIn, valuesEqualTo } from './expression.ts';
import type { TableKeys } from './table-keys.ts';

/*
 * Which rights a request to DynamoDB needs, with the condition keys of fine-grained access control.
 *
 * Documented in the DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (FGAC), the
 * Service Authorization Reference for DynamoDB (SAR) and the DynamoDB API Reference (API):
 *
 * - `dynamodb:LeadingKeys` holds the partition key of every item that a request names. Scan has no such key, because it
 *   reads all items (FGAC, SAR). ForAllValues is true if a request does not have the key (IAM User Guide, "Single-valued
 *   vs. multivalued context keys"), so a policy on leading keys must not allow Scan.
 * - `dynamodb:Attributes` holds the top-level attributes that the parameters name; a nested one counts as the attribute
 *   that contains it (FGAC). What a request writes, projects, filters by or tests in a condition counts (FGAC, examples
 *   3 and 6). A policy has to list all key attributes (FGAC, "Important"). What only the answer holds does not count:
 *   a read without a projection returns every attribute, and `ReturnValues` may return the whole item.
 * - `dynamodb:ReturnValues` exists for PutItem, UpdateItem, and DeleteItem (SAR). It "always has a value", which is `NONE`
 *   if the parameter is not given (FGAC).
 * - `dynamodb:Select` exists for reads, and always has a value too (FGAC, SAR). The defaults are those of Query (API).
 * - `dynamodb:ReturnConsumedCapacity` is `NONE` by default (API).
 *
 * There is no key for `ReturnValuesOnConditionCheckFailure`: FGAC and SAR list all keys without it.
 *
 * Assumed, because the documents do not say. Each assumption is the one that denies more:
 *
 * - Every operand of an update counts as an attribute, not only what it changes.
 * - The key attributes of the table count even if a request does not name them, and so do those of the index it names.
 * - The leading key of an index is the index's partition key.
 * - Numbers and binary keys are compared as they were sent.
 * - A leading key that cannot be read does not equal any value in a policy.
 * - `Select` of GetItem and BatchGetItem, which have no such parameter, is `SPECIFIC_ATTRIBUTES` only with a projection.
 *
 * Not supported: `dynamodb:FirstPartitionKeyValues` and its siblings, which SAR does not list for these actions. Local mode
 * refuses transactions and PartiQL, because dynalite does not have them and IAM has no actions with their names.
 */

const WRITES_OF_ONE: ReadonlySet<string> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** Stands for a leading key that cannot be read. Only the wildcards of a policy match it. */
const UNREADABLE = '\u{fffd}';

/** Tells whether policies can have conditions on the items of an operation. */
export const isOnItems = (operation: string): boolean => Object.hasOwn(ACCESSES, operation);

/** Lists the rights that an operation on items needs, table by table, or refuses malformed input as DynamoDB does. */
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
    return { code: 'SerializationException', message: 'The parameters are malformed.' };
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

/** Sorts values and drops repeated ones, because their order in a request has no meaning. */
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

/** Returns the values of the partition key in a query. DynamoDB answers only if there is exactly one. */
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

/** Returns a string key, or a number or binary key as it was sent. */
function textOf(value: unknown): string {
  const { S, N, B } = KeyValue.safeParse(value).data ?? {};
  return S ?? N ?? B ?? UNREADABLE;
}

const text = z.string().nullish();
const KeyValue = z.object({ S: text, N: text, B: text });

/** Ignores `SPECIFIC_ATTRIBUTES` without a projection, for which dynalite returns all attributes. DynamoDB refuses it. */
function selectOf({ index, select, parameters }: Access): string {
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') return select;
  if (isGiven(parameters.ProjectionExpression) || isGiven(parameters.AttributesToGet))
    return 'SPECIFIC_ATTRIBUTES';
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}
