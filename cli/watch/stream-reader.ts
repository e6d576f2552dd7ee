import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type _Record as Record,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';

/** Where to start: at the oldest record that is kept, or after the latest one. */
export type Start = 'TRIM_HORIZON' | 'LATEST';

/** Errors of a call that came too early after another. The next turn makes up for it. */
const THROTTLED: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
]);

/** A place in the stream. */
type Place = Omit<GetShardIteratorCommandInput, 'StreamArn'>;

interface ReadShard {
  /** Undefined once the shard has ended. */
  iterator: string | undefined;
  /** Where to go on if the iterator expires. */
  place: Place;
}

/**
 * Reads the stream of a table. Its records are spread over shards, which end after a few hours and have successors. A shard is
 * read after the shard that it follows, so that the changes of an item stay in order.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
export class StreamReader {
  readonly #client: Pick<DynamoDBStreamsClient, 'send'>;
  readonly #arn: string;
  readonly #start: Start;
  readonly #signal: AbortSignal;
  readonly #reading = new Map<string, ReadShard>();
  /** Shards that are read, were read, or had ended before. */
  readonly #known = new Set<string>();

  constructor(
    client: Pick<DynamoDBStreamsClient, 'send'>,
    { arn, start, signal }: { readonly arn: string; readonly start: Start; readonly signal: AbortSignal },
  ) {
    this.#client = client;
    this.#arn = arn;
    this.#start = start;
    this.#signal = signal;
  }

  /** Finds the shards to begin with. What is written after this is read. */
  async open(): Promise<void> {
    const shards = await this.#shards();
    if (this.#start === 'LATEST')
      for (const { ShardId = '', SequenceNumberRange } of shards) {
        this.#known.add(ShardId);
        if (SequenceNumberRange?.EndingSequenceNumber === undefined) await this.#begin(ShardId, 'LATEST');
      }
    else await this.#follow(shards);
  }

  /** Reads once from each shard that is open. */
  async read(): Promise<readonly Record[]> {
    const records = await Promise.all([...this.#reading].map(([id, shard]) => this.#readFrom(id, shard)));
    for (const [id, { iterator }] of this.#reading) if (iterator === undefined) this.#reading.delete(id);
    if (records.some(({ ended }) => ended)) await this.#follow(await this.#shards());
    return records.flatMap((each) => each.records);
  }

  async #readFrom(
    ShardId: string,
    shard: ReadShard,
  ): Promise<{ readonly records: readonly Record[]; readonly ended: boolean }> {
    try {
      const { Records = [], NextShardIterator } = await this.#client.send(
        new GetRecordsCommand({ ShardIterator: shard.iterator }),
        { abortSignal: this.#signal },
      );
      shard.iterator = NextShardIterator;
      const SequenceNumber = Records.at(-1)?.dynamodb?.SequenceNumber;
      if (SequenceNumber !== undefined)
        shard.place = { ShardId, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber };
      return { records: Records, ended: NextShardIterator === undefined };
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      // The computer may have slept: iterators expire after 15 minutes, and records after a day.
      if (name === 'ExpiredIteratorException') shard.iterator = await this.#iterator(shard.place);
      else if (name === 'TrimmedDataAccessException')
        shard.iterator = await this.#iterator({ ShardId, ShardIteratorType: 'TRIM_HORIZON' });
      else if (!THROTTLED.has(name)) throw error;
      return { records: [], ended: false };
    }
  }

  /** Begins with the shards that do not follow one that is being read or is still to be read. */
  async #follow(shards: readonly Shard[]): Promise<void> {
    const waiting = new Set(
      shards.map(({ ShardId = '' }) => ShardId).filter((id) => this.#reading.has(id) || !this.#known.has(id)),
    );
    for (const { ShardId = '', ParentShardId = '' } of shards)
      if (!this.#known.has(ShardId) && !waiting.has(ParentShardId)) {
        this.#known.add(ShardId);
        await this.#begin(ShardId, 'TRIM_HORIZON');
      }
  }

  async #begin(ShardId: string, ShardIteratorType: Start): Promise<void> {
    const place = { ShardId, ShardIteratorType };
    this.#reading.set(ShardId, { iterator: await this.#iterator(place), place });
  }

  async #iterator(place: Place): Promise<string | undefined> {
    const command = new GetShardIteratorCommand({ StreamArn: this.#arn, ...place });
    return (await this.#client.send(command, { abortSignal: this.#signal })).ShardIterator;
  }

  async #shards(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    let ExclusiveStartShardId: string | undefined;
    do {
      const { StreamDescription } = await this.#client.send(
        new DescribeStreamCommand({ StreamArn: this.#arn, ExclusiveStartShardId }),
        { abortSignal: this.#signal },
      );
      shards.push(...(StreamDescription?.Shards ?? []));
      ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
    } while (ExclusiveStartShardId !== undefined);
    return shards;
  }
}
