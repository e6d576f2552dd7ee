import { z } from 'zod';
import type { Conditions } from '../access.ts';
import type { RequiredPermission, RequiredPermissions } from '../services/auth-proxy.ts';
import { ACCESSES, type Access, isGiven, type Parameters } from './accesses.ts';
import { attributesIn, valuesEqualTo } from './expression.ts';
import type { TableKeys } from './table-keys.ts';

/*
 * The permissions that a request to DynamoDB needs, with the condition keys of fine-grained access control.
 *
 * Sources: the DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control" (FGAC), the
 * Service Authorization Reference for DynamoDB (SAR), and the DynamoDB API Reference (API):
 *
 * - `dynamodb:LeadingKeys` contains the partition keys of all items in a request. Scan does not have this condition
 *   key, because it reads all items (FGAC, SAR). ForAllValues is true if a request does not have the condition key (IAM
 *   User Guide, "Single-valued vs. multivalued context keys"), so a policy that restricts leading keys must not allow
 *   Scan.
 * - `dynamodb:Attributes` contains the top-level attributes in the parameters. A nested attribute counts as the
 *   top-level attribute that contains it (FGAC). The condition key covers the attributes that a request writes,
 *   projects, filters by, or tests in a condition (FGAC, examples 3 and 6). A policy must list all key attributes
 *   (FGAC, "Important"). Attributes that are only in the response do not count: a read without a projection returns all
 *   attributes, and `ReturnValues` can return the whole item.
 * - `dynamodb:ReturnValues` exists for PutItem, UpdateItem, and DeleteItem (SAR). It "always has a value", which is
 *   `NONE` if the parameter is not given (FGAC).
 * - `dynamodb:Select` exists for reads, and always has a value as well (FGAC, SAR). Local mode uses the defaults of
 *   Query (API).
 * - `dynamodb:ReturnConsumedCapacity` is `NONE` by default (API).
 *
 * Neither FGAC nor SAR, which list all condition keys, has one for `ReturnValuesOnConditionCheckFailure`.
 *
 * The sources leave the following points open, so local mode assumes the stricter alternative:
 *
 * - All operands of an update count as attributes, not only those that it changes.
 * - The key attributes of the table and of the index count even if they are not in the request.
 * - The leading key of an index is the index's partition key.
 * - Numbers and binary keys are compared in the notation of the request.
 * - A leading key that cannot be determined does not equal any value in a policy.
 * - GetItem and BatchGetItem have no `Select` parameter. The condition key is `SPECIFIC_ATTRIBUTES` only if there is a
 *   projection.
 *
 * Not supported: `dynamodb:FirstPartitionKeyValues` and similar keys, which SAR does not list for these actions, and
 * the parameters that expressions have replaced, such as `KeyConditions`. Local mode rejects transactions and PartiQL:
 * dynalite does not support them, and IAM has no actions with their names.
 */

const WRITES_OF_ONE: ReadonlySet<string> = new Set(['DeleteItem', 'PutItem', 'UpdateItem']);
const READS: ReadonlySet<string> = new Set(['BatchGetItem', 'GetItem', 'Query', 'Scan']);

/** Replacement for a leading key that cannot be determined. Only wildcards in a policy match it. */
const UNREADABLE = '\u{fffd}';

/** Returns whether policies can restrict which items an operation accesses. */
export const isOnItems = (operation: string): boolean => Object.hasOwn(ACCESSES, operation);

/** Returns the permissions that an operation on items needs, one per table, or DynamoDB's error for malformed input. */
export async function permissionsOnItems(
  operation: string,
  input: unknown,
  {
    tableArn,
    keysOf,
  }: {
    tableArn(table: string): string;
    keysOf(table: string, index: string | undefined): Promise<TableKeys | undefined>;
  },
): Promise<RequiredPermissions> {
  const action = `dynamodb:${operation}`;
  const accesses = ACCESSES[operation]?.safeParse(input).data;
  if (accesses === undefined)
    return { code: 'SerializationException', message: 'The parameters are malformed.' };
  return await Promise.all(
    accesses.map(async (access): Promise<RequiredPermission> => {
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

/** Sorts and deduplicates values, because their order in a request has no meaning. */
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
  return [
    ...(keys?.all ?? []),
    ...rows.flatMap((row) => Object.keys(row)),
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

/** Returns the partition key's values in a query. DynamoDB accepts exactly one. */
function queriedPartitions(parameters: Parameters, keys: TableKeys | undefined): readonly unknown[] {
  if (keys === undefined) return [];
  const { ExpressionAttributeNames, ExpressionAttributeValues } = parameters;
  const expression = parameters.KeyConditionExpression ?? '';
  const placeholders = valuesEqualTo(keys.partition, expression, ExpressionAttributeNames ?? {});
  return placeholders.map((placeholder) => ExpressionAttributeValues?.[placeholder]);
}

/** Returns the text of a key. Numbers and binary keys stay in the notation of the request. */
function textOf(value: unknown): string {
  const { S, N, B } = KeyValue.safeParse(value).data ?? {};
  return S ?? N ?? B ?? UNREADABLE;
}

const text = z.string().nullish();
const KeyValue = z.object({ S: text, N: text, B: text });

/**
 * Returns the value of `dynamodb:Select`. Ignores `SPECIFIC_ATTRIBUTES` without a projection, because DynamoDB would
 * reject the request, but dynalite returns all attributes.
 */
function selectOf({ index, select, parameters }: Access): string {
  if (select !== undefined && select !== 'SPECIFIC_ATTRIBUTES') return select;
  if (isGiven(parameters.ProjectionExpression)) return 'SPECIFIC_ATTRIBUTES';
  return index === undefined ? 'ALL_ATTRIBUTES' : 'ALL_PROJECTED_ATTRIBUTES';
}
