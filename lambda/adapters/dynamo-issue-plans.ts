import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../domain/errors.ts';
import { epochSeconds, secondsAfter } from '../domain/ids.ts';
import type { Clock, IssuePlan, IssuePlans, StandingPlan } from '../domain/ports.ts';
import { conditionalWrite } from './conditional-write.ts';
import { callService } from './service-fault.ts';

const PORT = 'issue plans';

/** How long a request can be repeated with the same idempotency key, in seconds: one day. */
const KEPT_SECONDS = 86_400;

/**
 * Stores the plans of `POST /links` requests that have an idempotency key. The partition key is `requestName`. Rows
 * contain IDs, times, and file metadata, but no addresses. TTL removes them. Expired rows that TTL has not removed yet
 * count as gone.
 */
export class DynamoIssuePlans implements IssuePlans {
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

  async find(name: string): Promise<StandingPlan | undefined> {
    const { Item } = await callService(PORT, () =>
      this.#client.send(
        new GetCommand({ TableName: this.#table, Key: { requestName: name }, ConsistentRead: true }),
      ),
    );
    const row = Item as Row | undefined;
    return row === undefined || row.removeAt <= epochSeconds(this.#clock()) ? undefined : planOf(row);
  }

  async settle(name: string, plan: StandingPlan): Promise<StandingPlan> {
    const now = epochSeconds(this.#clock());
    const row: Row = {
      ...plan,
      requestName: name,
      issuedAt: plan.issuedAt.toISOString(),
      removeAt: secondsAfter(now, KEPT_SECONDS),
    };
    const put = await conditionalWrite(PORT, () =>
      this.#client.send(
        new PutCommand({
          TableName: this.#table,
          Item: row,
          ConditionExpression: 'attribute_not_exists(requestName) OR removeAt <= :now',
          ExpressionAttributeValues: { ':now': now },
        }),
      ),
    );
    if (put === 'written') return plan;
    // A plan already exists. Either another request with this name put it, or the SDK retried this put after losing the
    // response to a successful attempt.
    const standing = await this.find(name);
    if (standing === undefined) throw new Unavailable(PORT, 'the conflicting plan is gone');
    return standing;
  }

  async markCarriedOut(name: string, { issuedAt }: IssuePlan): Promise<void> {
    await conditionalWrite(PORT, () =>
      this.#client.send(
        new UpdateCommand({
          TableName: this.#table,
          Key: { requestName: name },
          UpdateExpression: 'SET carriedOut = :yes',
          // Without the condition, the update would partly recreate a row that TTL removed, or mark a newer plan with
          // the same name, although it might not have been carried out yet.
          ConditionExpression: 'issuedAt = :issuedAt',
          ExpressionAttributeValues: { ':yes': true, ':issuedAt': issuedAt.toISOString() },
        }),
      ),
    );
  }
}

type Row = Omit<StandingPlan, 'issuedAt'> & {
  readonly requestName: string;
  readonly issuedAt: string;
  readonly removeAt: number;
};

function planOf({ requestName: _requestName, removeAt: _removeAt, issuedAt, ...plan }: Row): StandingPlan {
  return { ...plan, issuedAt: new Date(issuedAt) };
}
