import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from '../tables/tables.ts';

/** The table and the key of a row. */
export interface RowKey {
  readonly table: string;
  readonly key: Readonly<Record<string, string>>;
}

/**
 * Removes attributes from a row if it exists and has at least one of them. This condition prevents the update from
 * recreating a row that TTL has removed, and a second run from counting rows twice.
 */
export async function redact(
  tables: Pick<Tables, 'client' | 'signal'>,
  { table, key }: RowKey,
  attributes: readonly string[],
): Promise<'redacted' | 'nothing-there'> {
  // Use placeholders, because some attribute names are reserved words.
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
  return (await updateIf(tables, update)) ? 'redacted' : 'nothing-there';
}

/** Updates a row, and returns whether the condition of the update held. */
export async function updateIf(
  { client, signal }: Pick<Tables, 'client' | 'signal'>,
  update: UpdateCommand,
): Promise<boolean> {
  try {
    await client.send(update, { abortSignal: signal });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
