import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochSeconds, RedemptionId, TokenId } from '../domain/ids.ts';
import type { SecondChances } from '../domain/ports.ts';
import type { ChanceRow, SecondChance } from '../domain/second-chance.ts';
import { conditionalWrite } from './conditional-write.ts';
import { callService } from './service-fault.ts';

const PORT = 'second chances';

/**
 * Stores second chances in the table of counters, which has a TTL. A put never replaces a row, because a late put would
 * reset the count. A row stays until its TTL, even if the second chance has ended, so that a late put cannot renew it.
 */
export class DynamoSecondChances implements SecondChances {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;

  constructor(client: Pick<DynamoDBDocumentClient, 'send'>, table: string) {
    this.#client = client;
    this.#table = table;
  }

  async put(chance: SecondChance): Promise<'put' | 'refused'> {
    const { tokenId, secretSha256 } = chance;
    const put = await conditionalWrite(PORT, () =>
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: { ...keyOf(tokenId), ...chance },
          ConditionExpression: 'attribute_not_exists(expiresAt)',
        }),
      ),
    );
    if (put === 'written') return 'put';
    // Already put: the response was lost, and the put that failed is the SDK's retry.
    const row = await this.find(tokenId);
    return row !== undefined && 'secretSha256' in row && row.secretSha256 === secretSha256
      ? 'put'
      : 'refused';
  }

  async find(tokenId: TokenId): Promise<ChanceRow | undefined> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#table, Key: keyOf(tokenId), ConsistentRead: true }),
      ),
    );
    return Item as ChanceRow | undefined;
  }

  async take(
    { tokenId, used }: SecondChance,
    redemptionId: RedemptionId,
    now: EpochSeconds,
  ): Promise<'taken' | 'refused'> {
    const taken = await conditionalWrite(PORT, () =>
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: keyOf(tokenId),
          UpdateExpression: 'SET used = :next, takenBy = :mine',
          ConditionExpression:
            'expiresAt > :now AND attribute_not_exists(ended) AND (used = :seen OR takenBy = :mine)',
          ExpressionAttributeValues: { ':now': now, ':seen': used, ':next': used + 1, ':mine': redemptionId },
        }),
      ),
    );
    return taken === 'written' ? 'taken' : 'refused';
  }

  async end(tokenId: TokenId, expiresAt: EpochSeconds): Promise<void> {
    await callService(PORT, () =>
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: keyOf(tokenId),
          UpdateExpression: 'SET ended = :yes, expiresAt = :end',
          ExpressionAttributeValues: { ':yes': true, ':end': expiresAt },
        }),
      ),
    );
  }
}

const keyOf = (tokenId: TokenId) => ({ counter: `again/${tokenId}` });
