import {
  callEmulator,
  jsonRequest,
  type OnwardRequest,
  type Upstream,
  type UpstreamResponse,
} from '../services/emulator.ts';
import { jsonObject, targetOperation } from '../services/json-protocol.ts';
import type { Item } from './stream-log.ts';
import { type Change, isChange, recordOf, type WrittenItem, writtenItems } from './table-changes.ts';
import { DYNAMODB, type KnownTables } from './table-keys.ts';
import type { StreamedChange, TableStream, TableStreams } from './table-streams.ts';

export interface StreamedWritesOptions {
  readonly dynalite: Upstream;
  readonly streams: TableStreams;
  readonly tables: KnownTables;
  readonly region: string;
  /** Called with each successful request and its stream records, before the records are appended to the streams. */
  noted(request: OnwardRequest, changes: readonly StreamedChange[]): void;
}

/** An item of a table that has a stream. */
interface Watched {
  readonly stream: TableStream;
  readonly key: Item;
}

/**
 * Executes requests, and appends their changes to the tables' streams. Writes to tables with a stream run one at a
 * time, because each write reads its items before and after the change. All other requests run concurrently.
 */
export class StreamedWrites {
  readonly #options: StreamedWritesOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: StreamedWritesOptions) {
    this.#options = options;
  }

  async carryOut(
    request: OnwardRequest,
    userIdentity?: NonNullable<Change['userIdentity']>,
  ): Promise<UpstreamResponse> {
    const watched = await this.#watchedBy(request);
    if (watched.length === 0) {
      const response = await this.#options.dynalite(request);
      if (response.statusCode === 200) this.#options.noted(request, []);
      return response;
    }
    const work = this.#last.then(() => this.#write(request, watched, userIdentity));
    this.#last = work.catch(() => undefined);
    return work;
  }

  /** Deletes expired items from tables that have a stream, and resolves to the number of deleted items. */
  async removeExpired(now: Date): Promise<number> {
    let removed = 0;
    for (const stream of this.#options.streams.all()) removed += await this.#expire(stream, now);
    return removed;
  }

  async #write(
    request: OnwardRequest,
    watched: readonly Watched[],
    userIdentity: Change['userIdentity'],
  ): Promise<UpstreamResponse> {
    const before = await this.#imagesOf(watched);
    const response = await this.#options.dynalite(request);
    if (response.statusCode !== 200) return response;
    const after = await this.#imagesOf(watched);
    const { region } = this.#options;
    const changes = watched.flatMap(({ stream, key }, index) => {
      // The key is read from the stored item, because DynamoDB may normalize numbers.
      const image = after[index] ?? before[index] ?? key;
      const change: Change = {
        key: Object.fromEntries(Object.keys(key).map((name) => [name, image[name]])),
        before: before[index],
        after: after[index],
        ...(userIdentity === undefined ? {} : { userIdentity }),
      };
      if (!isChange(change)) return [];
      const record = stream.log.next((sequenceNumber, now) =>
        recordOf(change, stream.view, { sequenceNumber, now, region }),
      );
      return [{ stream, record }];
    });
    this.#options.noted(
      request,
      changes.map(({ stream, record }) => ({ table: stream.table, record })),
    );
    for (const { stream, record } of changes) stream.log.append(record);
    return response;
  }

  async #watchedBy({ headers, body }: OnwardRequest): Promise<readonly Watched[]> {
    const operation = targetOperation(headers['x-amz-target']);
    if (!operation.endsWith('Item') || this.#options.streams.all().length === 0) return [];
    const watched = await Promise.all(
      writtenItems(operation, jsonObject(body)).map((item) => this.#watch(item)),
    );
    return watched.filter((each) => each !== undefined);
  }

  async #watch({ table, row }: WrittenItem): Promise<Watched | undefined> {
    const { streams, tables, dynalite } = this.#options;
    const stream = streams.of(table);
    const keys = stream && (await tables.keysOf(table, undefined, dynalite));
    if (stream === undefined || keys === undefined) return undefined;
    return { stream, key: Object.fromEntries(keys.all.map((name) => [name, row[name]])) };
  }

  #imagesOf(watched: readonly Watched[]): Promise<readonly (Item | undefined)[]> {
    return Promise.all(
      watched.map(async ({ stream, key }) => {
        const input = { TableName: stream.table, Key: key, ConsistentRead: true };
        return (await this.#call('GetItem', input))?.Item as Item | undefined;
      }),
    );
  }

  /**
   * Deletes the expired items of one table. Like DynamoDB, it ignores items that expired more than five years ago.
   *
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
   */
  async #expire({ table, ttlAttribute }: TableStream, now: Date): Promise<number> {
    if (ttlAttribute === undefined) return 0;
    const seconds = Math.floor(now.getTime() / 1000);
    const expired = {
      ExpressionAttributeNames: { '#ttl': ttlAttribute },
      ExpressionAttributeValues: {
        ':earliest': { N: String(seconds - 5 * 365 * 86_400) },
        ':latest': { N: String(seconds) },
      },
    };
    const condition = '#ttl BETWEEN :earliest AND :latest';
    const keys = await this.#options.tables.keysOf(table, undefined, this.#options.dynalite);
    let removed = 0;
    let ExclusiveStartKey: unknown;
    do {
      const page = await this.#call('Scan', {
        TableName: table,
        FilterExpression: condition,
        ...expired,
        ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
      });
      for (const item of (page?.Items ?? []) as readonly Item[]) {
        const Key = Object.fromEntries((keys?.all ?? []).map((name) => [name, item[name]]));
        // The expiry may have been extended since the item was read.
        const input = { TableName: table, Key, ConditionExpression: condition, ...expired };
        const request = jsonRequest(`${DYNAMODB}.DeleteItem`, JSON.stringify(input));
        const response = await this.carryOut(request, DYNAMODB_ITSELF);
        if (response.statusCode === 200) removed += 1;
      }
      ExclusiveStartKey = page?.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
    return removed;
  }

  #call(operation: string, input: object): Promise<Readonly<Record<string, unknown>> | undefined> {
    return callEmulator(this.#options.dynalite, `${DYNAMODB}.${operation}`, JSON.stringify(input));
  }
}

const DYNAMODB_ITSELF = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;
