import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochSeconds } from '../domain/ids.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Clock, Counter, Quota } from '../domain/ports.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'quota';

/**
 * Counters in DynamoDB. A window starts with its first request, not with the clock's minute, so that a limit of one
 * a minute is one in any minute. Rows leave by TTL; late ones are started anew.
 */
export class DynamoQuota implements Quota {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #clock: Clock;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly clock: Clock },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#clock = options.clock;
  }

  async take(
    counter: Counter,
  ): Promise<{ readonly taken: true } | { readonly taken: false; readonly retryAfterSeconds: number }> {
    const now = epochSeconds(this.#clock());
    const mine = randomUUID();
    if (await this.#countOn(counter, now, mine)) return { taken: true };
    if (await this.#startAnew(counter, now, mine)) return { taken: true };
    // Another request may have started the window between the two writes.
    if (await this.#countOn(counter, now, mine)) return { taken: true };
    const { takenBy, expiresAt = now + counter.windowSeconds } = await this.#read(counter);
    // Counted already: the answer was lost, and what was refused is the SDK's repetition of this very request.
    if (takenBy === mine) return { taken: true };
    return { taken: false, retryAfterSeconds: Math.max(1, expiresAt - now) };
  }

  async giveBack(counter: Counter): Promise<void> {
    const now = epochSeconds(this.#clock());
    await this.#update(counter, {
      UpdateExpression: 'SET hits = hits - :these',
      ConditionExpression: 'expiresAt > :now AND hits >= :these',
      ExpressionAttributeValues: { ':now': now, ':these': hitsOf(counter) },
    });
  }

  #countOn(counter: Counter, now: EpochSeconds, mine: string): Promise<boolean> {
    return this.#update(counter, {
      UpdateExpression: 'SET hits = hits + :these, takenBy = :mine',
      ConditionExpression: 'expiresAt > :now AND hits <= :room AND takenBy <> :mine',
      ExpressionAttributeValues: {
        ':now': now,
        ':these': hitsOf(counter),
        ':room': counter.limit - hitsOf(counter),
        ':mine': mine,
      },
    });
  }

  async #startAnew(counter: Counter, now: EpochSeconds, mine: string): Promise<boolean> {
    if (hitsOf(counter) > counter.limit) return false;
    return await this.#update(counter, {
      UpdateExpression: 'SET hits = :these, expiresAt = :end, takenBy = :mine',
      ConditionExpression: 'attribute_not_exists(expiresAt) OR expiresAt <= :now',
      ExpressionAttributeValues: {
        ':now': now,
        ':these': hitsOf(counter),
        ':end': now + counter.windowSeconds,
        ':mine': mine,
      },
    });
  }

  async #read(counter: Counter): Promise<{ readonly takenBy?: string; readonly expiresAt?: number }> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#table, Key: { counter: counter.name }, ConsistentRead: true }),
      ),
    );
    return Item ?? {};
  }

  /** @returns whether the condition held */
  async #update(
    counter: Counter,
    update: Pick<
      ConstructorParameters<typeof UpdateCommand>[0],
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<boolean> {
    try {
      await callService(PORT, () =>
        this.#client.send(
          new UpdateCommand({ TableName: this.#table, Key: { counter: counter.name }, ...update }),
        ),
      );
      return true;
    } catch (error) {
      if (errorName(error) === 'ConditionalCheckFailedException') return false;
      throw error;
    }
  }
}

const hitsOf = ({ hits = 1 }: Counter): number => hits;
