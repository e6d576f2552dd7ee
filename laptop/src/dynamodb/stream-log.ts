import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { writeFileAtomically } from '../atomic-file.ts';

/** An item or its key in DynamoDB JSON. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * A change to an item, in the format of Lambda's events.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html
 */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  /** Present only if DynamoDB itself removed the item because its TTL had expired. */
  readonly userIdentity?: { readonly type: 'Service'; readonly principalId: 'dynamodb.amazonaws.com' };
  readonly dynamodb: {
    /** In epoch seconds. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
}

/**
 * A sequence number lower than any record's. Sequence numbers have 21 digits, so that they can be compared as strings.
 */
export const START = '0'.repeat(21);

/** The retention of a stream: 24 hours. */
const RETENTION_MS = 86_400_000;

/** The retention of records that a consumer has not processed yet. */
const WAITING_MS = 7 * RETENTION_MS;

/** How many digits at the end of a sequence number are used to count the records of one millisecond. */
const COUNT_DIGITS = 8;

type Line = { readonly record: StreamRecord } | { readonly consumer: string; readonly position: string };

/**
 * The records of one stream and the positions of its consumers. Both are stored in memory and in a file, so records
 * that were not delivered before local mode stopped are delivered after the restart.
 *
 * Records are kept for 24 hours, or for a week if a consumer has not processed them, because local mode may be off for
 * a while.
 */
export class StreamLog {
  readonly #file: number;
  readonly #clock: () => Date;
  readonly #records: StreamRecord[] = [];
  readonly #positions = new Map<string, string>();
  #latest = START;
  #appended = Promise.withResolvers<void>();

  constructor(path: string, clock: () => Date) {
    this.#clock = clock;
    if (existsSync(path)) {
      // The last line is incomplete if the process was killed while writing it.
      for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) this.#restore(JSON.parse(line));
      this.#trim();
      const lines: Line[] = [...this.#positions].map(([consumer, position]) => ({ consumer, position }));
      lines.push(...this.#records.map((record) => ({ record })));
      writeFileAtomically(path, lines.map(textOf).join(''));
    }
    this.#file = openSync(path, 'a', 0o600);
  }

  /** The sequence number of the last record. */
  get latest(): string {
    return this.#latest;
  }

  /** The sequence number of the oldest record that is still kept. */
  get oldest(): string | undefined {
    return this.#records[0]?.dynamodb.SequenceNumber;
  }

  /** Returns the record that `make` creates for the next sequence number. The caller appends it. */
  next(make: (sequenceNumber: string, now: Date) => StreamRecord): StreamRecord {
    const now = this.#clock();
    const soonest = BigInt(now.getTime()) * 10n ** BigInt(COUNT_DIGITS);
    const next = BigInt(this.#latest) + 1n;
    this.#latest = String(soonest > next ? soonest : next);
    return make(this.#latest, now);
  }

  append(record: StreamRecord): void {
    writeSync(this.#file, textOf({ record }));
    this.#records.push(record);
    this.#trim();
    this.#appended.resolve();
    this.#appended = Promise.withResolvers();
  }

  /** Returns up to `limit` records after a sequence number, oldest first. */
  after(sequenceNumber: string, limit: number): readonly StreamRecord[] {
    let from = this.#records.length;
    while (from > 0 && sequenceOf(this.#records[from - 1]) > sequenceNumber) from -= 1;
    return this.#records.slice(from, from + limit);
  }

  /** Resolves once there is a record after a sequence number, or the signal is aborted. */
  async hasMore(sequenceNumber: string, signal: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal.addEventListener('abort', abort);
    while (this.#latest <= sequenceNumber && !signal.aborted)
      await Promise.race([this.#appended.promise, aborted.promise]);
    signal.removeEventListener('abort', abort);
  }

  /** Returns the sequence number of the last record that a consumer has processed. */
  positionOf(consumer: string): string | undefined {
    return this.#positions.get(consumer);
  }

  /** Saves the position up to which a consumer has processed all records. */
  advance(consumer: string, position: string): void {
    this.#positions.set(consumer, position);
    writeSync(this.#file, textOf({ consumer, position }));
  }

  close(): void {
    closeSync(this.#file);
  }

  #restore(line: Line): void {
    if ('record' in line) this.#records.push(line.record);
    else this.#positions.set(line.consumer, line.position);
    const latest = 'record' in line ? sequenceOf(line.record) : line.position;
    if (latest > this.#latest) this.#latest = latest;
  }

  #trim(): void {
    const now = this.#clock().getTime();
    const processed = [...this.#positions.values()].sort()[0] ?? this.#latest;
    const isOver = (record: StreamRecord): boolean => {
      const age = now - record.dynamodb.ApproximateCreationDateTime * 1000;
      return age > (sequenceOf(record) <= processed ? RETENTION_MS : WAITING_MS);
    };
    while (this.#records[0] !== undefined && isOver(this.#records[0])) this.#records.shift();
  }
}

const textOf = (line: Line): string => `${JSON.stringify(line)}\n`;

const sequenceOf = (record: StreamRecord | undefined): string => record?.dynamodb.SequenceNumber ?? START;
