import { z } from 'zod';
import type { Conditions } from '../access.ts';
import type { Ask, Asked } from '../services/auth-proxy.ts';
import { ACCESSES, type Access, isGiven, type Parameters } from './accesses.ts';
import { attributesIn, valuesEqualTo } from './expression.ts';
import type { TableKeys } from './table-keys.ts';

/*
 * What a request to DynamoDB asks IAM for, and the condition keys of fine-grained access control that go with it.
 *
 * Documented, in the DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (FGAC), the
 * Service Authorization Reference for DynamoDB (SAR) and the DynamoDB API Reference (API):
 *
 * - `dynamodb:LeadingKeys` holds the partition key of every item that a request names. Scan has no such key, because it
 *   reads all items (FGAC, SAR). ForAllValues is true if a request does not have the key (IAM User Guide, "Single-valued
 *   vs. multivalued context keys"), so a policy on leading keys must not allow Scan.
 * - `dynamodb:Attributes` holds the top-level attributes that the parameters name; a nested one counts as the attribute
 *   that contains it (FGAC). What a request writes, projects, filters by or tests in a condition counts (FGAC, examples
 *   3 and 6). A policy has to list all key attributes (FGAC, "Important"). What only the answer holds does not count:
 *   a read without a projection returns every attribute, and `ReturnValues` may return the whole item.
 * - `dynamodb:ReturnValues` is there for PutItem, UpdateItem and DeleteItem (SAR). It "always has a value", `NONE` if the
 *   parameter is not given (FGAC).
 * - `dynamodb:Select` is there for reads, which always have a value too (FGAC, SAR). The defaults are Query's (API).
 * - `dynamodb:ReturnConsumedCapacity` is `NONE` by default (API).
 *
 * No key stands for `ReturnValuesOnConditionCheckFailure`: FGAC and SAR list all keys, and none is it.
 *
 * Assumed, because the documents do not say, and each time the reading that denies more:
 *
 * - Every operand of an update counts as an attribute, not only what it changes.
 * - The key attributes of the table count even if a request does not name them, and so do those of the index it names.
 * - The leading key of an index is the index's partition key.
 * - Numbers and binary keys are compared as they were sent.
 * - A leading key that cannot be read equals no value of a policy.
 * - `Select` of GetItem and BatchGetItem, which have no such parameter, is `SPECIFIC_ATTRIBUTES` only with a projection.
 *
 * Not filled in: `dynamodb:FirstPartitionKeyValues` and its siblings, which SAR lists for no action of these. Transactions
 * and PartiQL have no IAM action of their own name; local mode refuses them, and dynalite has neither.
 */

const WRITES_OF_ONE: ReadonlySet<string> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** Stands for a leading key that cannot be read. It matches the wildcards of a policy and nothing else. */
const UNREADABLE = '\u{fffd}';

/** Whether IAM decides about an operation with conditions on items. */
export const isOnItems = (operation: string): boolean => Object.hasOwn(ACCESSES, operation);

/** Lists what an operation on items asks for, table by table, or refuses input of another shape as DynamoDB does. */
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

const text = z.string().nullish();
const KeyValue = z.object({ S: text, N: text, B: text });

/** DynamoDB refuses a search for specific attributes that names none; dynalite would return them all. */
function selectOf({ index, select, parameters }: Access): string {
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') return select;
  if (isGiven(parameters.ProjectionExpression) || isGiven(parameters.AttributesToGet))
    return 'SPECIFIC_ATTRIBUTES';
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}
