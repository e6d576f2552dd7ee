import { randomUUID } from 'node:crypto';
import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochSeconds } from '../domain/ids.ts';
import { epochSeconds } from '../domain/ids.ts';
import type { Clock, Counter, MeasureLevel, Quota, Taken } from '../domain/ports.ts';
import { callService, errorName } from './service-fault.ts';

const PORT = 'quota';

/** Maximum difference between two functions' clocks, or between the times of two concurrent writes, in seconds. */
const SKEW_SECONDS = 60;

/**
 * Keeps counters in DynamoDB. A window starts with its first request rather than on the minute, so a limit of one per
 * minute holds for any 60 seconds. A window is also over when everything counted in it has been refunded. TTL removes
 * rows. An expired row that TTL has not removed yet is reused for the next window.
 */
export class DynamoQuota implements Quota {
  readonly #client: Pick<DynamoDBDocumentClient, 'send'>;
  readonly #table: string;
  readonly #clock: Clock;
  readonly #measure: MeasureLevel;

  constructor(
    client: Pick<DynamoDBDocumentClient, 'send'>,
    options: { readonly table: string; readonly clock: Clock; readonly measure: MeasureLevel },
  ) {
    this.#client = client;
    this.#table = options.table;
    this.#clock = options.clock;
    this.#measure = options.measure;
  }

  async take(counter: Counter): Promise<Taken> {
    if (roomFor(counter) < 0) return this.#full(counter, counter.windowSeconds);
    const now = epochSeconds(this.#clock());
    const mine = randomUUID();
    const counted =
      (await this.#countInWindow(counter, now, mine)) ??
      (await this.#startWindow(counter, now, mine)) ??
      // Another request may have started the window between the two writes.
      (await this.#countInWindow(counter, now, mine));
    if (counted !== undefined) return this.#measured(counter, counted, { taken: true });
    const { takenBy, expiresAt = now + counter.windowSeconds } = await this.#read(counter);
    // Already counted: the response was lost, and the update that failed is the SDK's retry.
    if (takenBy === mine) return { taken: true };
    return this.#full(counter, expiresAt - now);
  }

  async look(counter: Counter): Promise<Taken> {
    if (roomFor(counter) < 0) return this.#full(counter, counter.windowSeconds);
    const now = epochSeconds(this.#clock());
    const { hits = 0, expiresAt = now } = await this.#read(counter);
    const isOpen = expiresAt > now && expiresAt <= latestEnd(counter, now);
    return isOpen && hits > roomFor(counter) ? this.#full(counter, expiresAt - now) : { taken: true };
  }

  async refund(counter: Counter): Promise<void> {
    const now = epochSeconds(this.#clock());
    await this.#update(counter, {
      UpdateExpression: 'SET hits = hits - :amount',
      ConditionExpression: 'expiresAt > :now AND hits >= :amount',
      ExpressionAttributeValues: { ':now': now, ':amount': amountOf(counter) },
    });
  }

  #full(counter: Counter, seconds: number): Taken {
    return this.#measured(counter, counter.limit, { taken: false, retryAfterSeconds: Math.max(1, seconds) });
  }

  #measured({ gauge, limit }: Counter, hits: number, taken: Taken): Taken {
    if (gauge !== undefined) this.#measure(gauge, Math.round((100 * hits) / limit));
    return taken;
  }

  /**
   * Counts the request in a running window.
   *
   * @returns the count; `undefined` if no running window has room, or if this request was already counted
   */
  #countInWindow(counter: Counter, now: EpochSeconds, mine: string): Promise<number | undefined> {
    return this.#update(counter, {
      UpdateExpression: 'SET hits = hits + :amount, takenBy = :mine',
      ConditionExpression:
        'expiresAt > :now AND expiresAt <= :latest AND hits > :none AND hits <= :room AND takenBy <> :mine',
      ExpressionAttributeValues: {
        ':now': now,
        ':latest': latestEnd(counter, now),
        ':amount': amountOf(counter),
        ':none': 0,
        ':room': roomFor(counter),
        ':mine': mine,
      },
    });
  }

  /**
   * Starts a new window with this request.
   *
   * @returns the count; `undefined` if a window is running
   */
  #startWindow(counter: Counter, now: EpochSeconds, mine: string): Promise<number | undefined> {
    return this.#update(counter, {
      UpdateExpression: 'SET hits = :amount, expiresAt = :end, takenBy = :mine',
      // No window can end after `:latest`. If such an end were accepted, it could block the counter permanently.
      ConditionExpression:
        'attribute_not_exists(expiresAt) OR expiresAt <= :now OR expiresAt > :latest OR hits <= :none',
      ExpressionAttributeValues: {
        ':now': now,
        ':none': 0,
        ':amount': amountOf(counter),
        ':end': now + counter.windowSeconds,
        ':latest': latestEnd(counter, now),
        ':mine': mine,
      },
    });
  }

  async #read(counter: Counter): Promise<Row> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#table, Key: { counter: counter.name }, ConsistentRead: true }),
      ),
    );
    return Item ?? {};
  }

  /**
   * Updates a counter.
   *
   * @returns the hits after the update; `undefined` if the condition failed
   */
  async #update(
    counter: Counter,
    update: Pick<
      ConstructorParameters<typeof UpdateCommand>[0],
      'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeValues'
    >,
  ): Promise<number | undefined> {
    try {
      const Key = { counter: counter.name };
      const { Attributes } = await callService(PORT, () =>
        this.#client.send(
          new UpdateCommand({ TableName: this.#table, Key, ...update, ReturnValues: 'UPDATED_NEW' }),
        ),
      );
      return (Attributes as Row | undefined)?.hits ?? 0;
    } catch (error) {
      if (errorName(error) === 'ConditionalCheckFailedException') return undefined;
      throw error;
    }
  }
}

const amountOf = ({ amount = 1 }: Counter): number => amount;

/** Returns the highest count that still leaves room for the amount; negative if the amount exceeds the limit. */
const roomFor = (counter: Counter): number => counter.limit - amountOf(counter);

/** Returns the latest possible end of a window that is running now. */
const latestEnd = ({ windowSeconds }: Counter, now: EpochSeconds): number =>
  now + windowSeconds + SKEW_SECONDS;

interface Row {
  readonly hits?: number;
  readonly takenBy?: string;
  readonly expiresAt?: number;
}
