import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from '../tables/tables.ts';

/** A row by its table and key. */
export interface RowKey {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
}

/**
 * Removes attributes of a row, on condition that it is there and has one of them: a row that TTL took meanwhile is not
 * brought back, and a second time changes and counts nothing.
 */
export async function redact(
  { client, signal }: Pick<Tables, 'client' | 'signal'>,
  { table, key }: RowKey,
  attributes: readonly string[],
): Promise<'redacted' | 'nothing-there'> {
  // Some are reserved words.
  const names = attributes.map((attribute, at) => [`#a${at}`, attribute] as const);
  const placeholders = names.map(([placeholder]) => placeholder);
  const [keyName = ''] = Object.keys(key);
  const update = new UpdateCommand({
    TableName: table,
    Key: key,
    UpdateExpression: `REMOVE ${placeholders.join(', ')}`,
    ConditionExpression: `attribute_exists(#key) AND (${placeholders.map((one) => `attribute_exists(${one})`).join(' OR ')})`,
    ExpressionAttributeNames: { '#key': keyName, ...Object.fromEntries(names) },
  });
  try {
    await client.send(update, { abortSignal: signal });
    return 'redacted';
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return 'nothing-there';
    throw error;
  }
}
