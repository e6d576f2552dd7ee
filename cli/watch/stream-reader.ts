import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type _Record as Record,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';

/** Where to start: at the oldest record in the stream, or after the latest one. */
export type Start = 'TRIM_HORIZON' | 'LATEST';

/** Names of throttling errors. The next read repeats the throttled call. */
const THROTTLED: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
]);

type Place = Omit<GetShardIteratorCommandInput, 'StreamArn'>;

interface ReadShard {
  /** `undefined` if the next read has to fetch an iterator for `place` first. */
  iterator: string | undefined;
  /** Where to continue if the iterator expires. */
  place: Place;
}

/** Number of reads between listings of the shards. Some shards appear in the list later than their siblings. */
const READS_PER_LIST = 20;

/**
 * Reads the stream of a table. Its records are spread over shards, which end after a few hours and have successors. A
 * shard is read after its predecessor, so that the changes to an item stay in order. A successor may not be listed
 * until some time after its predecessor has ended.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_DescribeStream.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html
 */
export class StreamReader {
  readonly #client: Pick<DynamoDBStreamsClient, 'send'>;
  readonly #arn: string;
  readonly #start: Start;
  readonly #signal: AbortSignal;
  readonly #reading = new Map<string, ReadShard>();
  /** Shards that are being read, were read, or had ended before this reader started. */
  readonly #known = new Set<string>();
  /** Whether an ended shard's successor is missing from the list. */
  #isIncomplete = false;
  #reads = 0;

  constructor(
    client: Pick<DynamoDBStreamsClient, 'send'>,
    { arn, start, signal }: { readonly arn: string; readonly start: Start; readonly signal: AbortSignal },
  ) {
    this.#client = client;
    this.#arn = arn;
    this.#start = start;
    this.#signal = signal;
  }

  /**
   * Finds the first shards. Everything that is written after this call will be read.
   *
   * @returns false if the stream has too many readers at the moment; the call must then be repeated
   */
  async open(): Promise<boolean> {
    return await unlessThrottled(async () => {
      const shards = await this.#shards();
      if (this.#start === 'LATEST')
        for (const { ShardId = '', SequenceNumberRange } of shards) {
          const place = { ShardId, ShardIteratorType: this.#start };
          this.#known.add(ShardId);
          if (SequenceNumberRange?.EndingSequenceNumber === undefined)
            this.#reading.set(ShardId, { iterator: await this.#iterator(place), place });
        }
      this.#follow(shards);
    });
  }

  /** Reads once from each open shard. */
  async read(): Promise<readonly Record[]> {
    const records = await Promise.all([...this.#reading].map(([id, shard]) => this.#readFrom(id, shard)));
    this.#reads += 1;
    if (this.#isIncomplete || this.#reads % READS_PER_LIST === 0)
      await unlessThrottled(async () => this.#follow(await this.#shards()));
    return records.flat();
  }

  async #readFrom(ShardId: string, shard: ReadShard): Promise<readonly Record[]> {
    try {
      shard.iterator ??= await this.#iterator(shard.place);
      const { Records = [], NextShardIterator } = await this.#client.send(
        new GetRecordsCommand({ ShardIterator: shard.iterator }),
        { abortSignal: this.#signal },
      );
      shard.iterator = NextShardIterator;
      const SequenceNumber = Records.at(-1)?.dynamodb?.SequenceNumber;
      if (SequenceNumber !== undefined)
        shard.place = { ShardId, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber };
      if (NextShardIterator === undefined) this.#end(ShardId);
      return Records;
    } catch (error) {
      const name = error instanceof Error ? error.name : '';
      // The computer may have slept. Iterators expire after 15 minutes, and records and their shards after a day.
      if (name === 'ExpiredIteratorException') shard.iterator = undefined;
      else if (name === 'TrimmedDataAccessException')
        Object.assign(shard, {
          iterator: undefined,
          place: { ShardId, ShardIteratorType: 'TRIM_HORIZON' },
        } satisfies ReadShard);
      else if (name === 'ResourceNotFoundException') this.#end(ShardId);
      else if (!THROTTLED.has(name)) throw error;
      return [];
    }
  }

  #end(shardId: string): void {
    this.#reading.delete(shardId);
    this.#isIncomplete = true;
  }

  /** Starts reading new shards, except those whose parent is being read or still has to be read. */
  #follow(shards: readonly Shard[]): void {
    const waiting = new Set(
      shards.map(({ ShardId = '' }) => ShardId).filter((id) => this.#reading.has(id) || !this.#known.has(id)),
    );
    for (const { ShardId = '', ParentShardId = '' } of shards)
      if (!this.#known.has(ShardId) && !waiting.has(ParentShardId)) {
        this.#known.add(ShardId);
        const place = { ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
        this.#reading.set(ShardId, { iterator: undefined, place });
      }
    const followed = new Set(shards.map(({ ParentShardId }) => ParentShardId));
    this.#isIncomplete = shards.some(
      ({ ShardId = '' }) => !waiting.has(ShardId) && !followed.has(ShardId) && !this.#reading.has(ShardId),
    );
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

/** Runs a task. Returns false if AWS throttled it. */
async function unlessThrottled(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Error && THROTTLED.has(error.name)) return false;
    throw error;
  }
}
