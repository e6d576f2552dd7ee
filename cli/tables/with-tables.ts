import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../lambda/operator.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Tables } from './tables.ts';

/** Opens the tables of a deployment for one task, and closes them whatever comes of it. */
export async function withTables<T>(
  { deployment, settings }: Connection,
  signal: AbortSignal,
  task: (tables: Tables) => Promise<T>,
): Promise<T> {
  const dynamodb = new DynamoDBClient(settings('dynamodb'));
  const client = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const { tokenTable, receiptTable, ledgerTable, quotaTable } = deployment;
  try {
    return await task({ client, tokenTable, receiptTable, ledgerTable, quotaTable, signal });
  } catch (error) {
    // The functions' adapters hide what the SDK said; a person at a terminal wants to know.
    throw error instanceof Unavailable ? error.cause : error;
  } finally {
    dynamodb.destroy();
  }
}
