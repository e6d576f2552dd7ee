import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Endings } from '../domain/events/tell-changes.ts';
import type { TokenId } from '../domain/ids.ts';
import { callService } from './service-fault.ts';

/** Checks whether receipts exist, reading only their keys. */
export class DynamoEndings implements Endings {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #receiptTable: string;

  constructor(client: Pick<DynamoDBDocumentClient, 'send'>, receiptTable: string) {
    this.#client = client;
    this.#receiptTable = receiptTable;
  }

  async hasReceipt(tokenId: TokenId): Promise<boolean> {
    const { Item } = await callService('token store', () =>
      this.#client.send(
        new GetCommand({
          TableName: this.#receiptTable,
          Key: { tokenId },
          ProjectionExpression: 'tokenId',
          ConsistentRead: true,
        }),
      ),
    );
    return Item !== undefined;
  }
}
