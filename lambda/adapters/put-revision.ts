import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { callService, errorName, wasRepeated } from './service-fault.ts';

type PutInput = ConstructorParameters<typeof PutCommand>[0];

/**
 * Puts a row under a condition. If the first answer was lost and the SDK repeated the put, the condition may fail because of its
 * own first attempt, so the stored row is compared.
 *
 * @param read reads the stored row
 */
export async function putRevision(
  client: Pick<DynamoDBDocumentClient, 'send'>,
  put: PutInput & { readonly port: string },
  read: () => Promise<object | undefined>,
): Promise<'changed' | 'stale'> {
  const { port, ...input } = put;
  try {
    await callService(port, () => client.send(new PutCommand(input)));
    return 'changed';
  } catch (error) {
    if (errorName(error) !== 'ConditionalCheckFailedException') throw error;
    const isOwn = wasRepeated(error) && isDeepStrictEqual(await read(), input.Item);
    return isOwn ? 'changed' : 'stale';
  }
}
