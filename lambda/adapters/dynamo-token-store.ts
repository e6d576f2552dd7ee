import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import type { RedemptionId, TokenId } from '../domain/ids.ts';
import type { TokenLookup, TokenStore } from '../domain/ports.ts';
import type { Receipt, TokenRecord } from '../domain/records.ts';
import { conditionalWrite } from './conditional-write.ts';
import { callService } from './service-fault.ts';

const PORT = 'token store';

/**
 * Stores records and receipts in two tables. Rows contain nothing that can be redeemed. DynamoDB's TTL removes rows
 * hours late or not at all, so readers must compare the expiry with the clock.
 */
export class DynamoTokenStore implements TokenStore {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #tokenTable: string;
  readonly #receiptTable: string;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    tables: { readonly tokenTable: string; readonly receiptTable: string },
  ) {
    this.#client = client;
    this.#tokenTable = tables.tokenTable;
    this.#receiptTable = tables.receiptTable;
  }

  async put(record: TokenRecord): Promise<void> {
    await conditionalWrite(PORT, () =>
      this.#client.send(
        new PutCommand({
          TableName: this.#tokenTable,
          Item: record,
          ConditionExpression: 'attribute_not_exists(tokenId)',
        }),
      ),
    );
    // If the condition fails, an earlier attempt at this put succeeded: nobody else can have drawn the same 124 bits.
  }

  async find(tokenId: TokenId): Promise<TokenLookup> {
    const found = await this.#read(tokenId);
    if (found.record !== undefined || found.receipt !== undefined) return found;
    // A batch reads its rows one by one. If a token ends in between, the batch may return neither its record nor its
    // receipt. A second read returns the receipt, which was written before the record was deleted.
    return await this.#read(tokenId);
  }

  async findAll(tokenIds: readonly TokenId[]): Promise<readonly TokenLookup[]> {
    const found = await this.#readAll(tokenIds);
    // Tokens that were not found are read again, for the reason given in `find`.
    const unknown = tokenIds.filter((tokenId) => found.get(tokenId) === undefined);
    const again = unknown.length === 0 ? found : await this.#readAll(unknown);
    return tokenIds.map((tokenId) => found.get(tokenId) ?? again.get(tokenId) ?? {});
  }

  async settle(receipt: Receipt): Promise<Receipt> {
    const written = await conditionalWrite(PORT, () =>
      this.#client.send(
        new PutCommand({
          TableName: this.#receiptTable,
          Item: receipt,
          ConditionExpression: 'attribute_not_exists(tokenId) OR redemptionId = :mine',
          ExpressionAttributeValues: { ':mine': receipt.redemptionId },
        }),
      ),
    );
    return written === 'written' ? receipt : await this.#standingReceipt(receipt.tokenId);
  }

  async countAttempt(tokenId: TokenId, attempt: RedemptionId, most: number): Promise<number | 'refused'> {
    let counted: ReadonlySet<string> | undefined;
    const written = await conditionalWrite(PORT, async () => {
      const { Attributes } = await this.#client.send(
        new UpdateCommand({
          TableName: this.#tokenTable,
          Key: { tokenId },
          // Attempts are a set, so an attempt that is retried after a lost response counts only once. The condition
          // does not check the expiry, because the function would then need permission to change the expiry.
          UpdateExpression: 'ADD codeAttempts :mine',
          ConditionExpression:
            'attribute_exists(tokenId) AND (attribute_not_exists(codeAttempts) OR size(codeAttempts) < :most OR contains(codeAttempts, :attempt))',
          ExpressionAttributeValues: {
            ':mine': new Set([attempt]),
            ':attempt': attempt,
            ':most': most,
          },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      counted = Attributes?.codeAttempts;
    });
    if (written === 'refused') return 'refused';
    if (counted === undefined) throw new Unavailable(PORT, 'the count is missing from the response');
    return counted.size;
  }

  async forgetAttempt(tokenId: TokenId, attempt: RedemptionId): Promise<void> {
    await conditionalWrite(PORT, () =>
      this.#client.send(
        new UpdateCommand({
          TableName: this.#tokenTable,
          Key: { tokenId },
          UpdateExpression: 'DELETE codeAttempts :mine',
          // Without the condition, the update would create a record if none exists.
          ConditionExpression: 'contains(codeAttempts, :attempt)',
          ExpressionAttributeValues: { ':mine': new Set([attempt]), ':attempt': attempt },
        }),
      ),
    );
  }

  async retire(tokenId: TokenId): Promise<'retired' | 'gone'> {
    const written = await conditionalWrite(PORT, () =>
      this.#client.send(
        new DeleteCommand({
          TableName: this.#tokenTable,
          Key: { tokenId },
          ConditionExpression: 'attribute_exists(tokenId)',
        }),
      ),
    );
    return written === 'written' ? 'retired' : 'gone';
  }

  async #read(tokenId: TokenId): Promise<TokenLookup> {
    return (await this.#readAll([tokenId])).get(tokenId) ?? {};
  }

  /** Reads the rows of up to 50 tokens: DynamoDB limits a batch to 100 keys, and each token needs two. */
  async #readAll(tokenIds: readonly TokenId[]): Promise<ReadonlyMap<TokenId, TokenLookup>> {
    const all = { Keys: tokenIds.map((tokenId) => ({ tokenId })), ConsistentRead: true };
    const { Responses, UnprocessedKeys } = await callService(PORT, () =>
      this.#client.send(
        new BatchGetCommand({ RequestItems: { [this.#tokenTable]: all, [this.#receiptTable]: all } }),
      ),
    );
    // A partial response is rejected, because an unread receipt must not look like a missing one.
    if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Unavailable(PORT, 'unprocessed keys');
    const found = new Map<TokenId, TokenLookup>();
    for (const row of Responses?.[this.#tokenTable] ?? []) {
      const record = row as TokenRecord;
      found.set(record.tokenId, { record });
    }
    for (const row of Responses?.[this.#receiptTable] ?? []) {
      const receipt = row as Receipt;
      found.set(receipt.tokenId, { ...found.get(receipt.tokenId), receipt });
    }
    return found;
  }

  async #standingReceipt(tokenId: TokenId): Promise<Receipt> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#receiptTable, Key: { tokenId }, ConsistentRead: true }),
      ),
    );
    if (Item === undefined) throw new Unavailable(PORT, 'the conflicting receipt is gone');
    return Item as Receipt;
  }
}
