import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../lambda/operator.ts';
import type { Connection } from '../tvm/connection.ts';
import type { Tables } from './tables.ts';

/** Runs a task with the tables of a deployment. */
export async function withTables<T>(
  { deployment, settings }: Connection,
  signal: AbortSignal,
  task: (tables: Tables) => Promise<T>,
): Promise<T> {
  const dynamodb = new DynamoDBClient(settings('dynamodb'));
  const client = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  const { tokenTable, receiptTable, ledgerTable, quotaTable, uploadLinkTable } = deployment;
  try {
    return await task({ client, tokenTable, receiptTable, ledgerTable, quotaTable, uploadLinkTable, signal });
  } catch (error) {
    // The adapters hide SDK errors from callers of the API. The operator needs to see them.
    throw error instanceof Unavailable ? error.cause : error;
  } finally {
    dynamodb.destroy();
  }
}
