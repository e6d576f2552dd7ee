import type { StreamRecord } from '../../support/stream-records.ts';

/** A stream record as the mapping's filter sees it. */
interface Offered extends StreamRecord {
  readonly table: string;
}

const BATCH_SIZE = 10;

/**
 * An event source mapping. It delivers the records of a stream in order, and repeats each record until the function
 * has handled it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export class Mapping {
  readonly name: string;
  readonly #matches: (record: Offered) => boolean;
  readonly #waiting: StreamRecord[] = [];
  /** The maximum size of the next batch, which is halved each time a whole batch fails. */
  #most = BATCH_SIZE;

  constructor(name: string, matches: (record: Offered) => boolean) {
    this.name = name;
    this.#matches = matches;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  offer(table: string, record: StreamRecord): void {
    if (this.#matches({ ...record, table })) this.#waiting.push(record);
  }

  /** Delivers one batch. If some of its records fail, the next batch begins with the first that failed. */
  async deliver(
    invoke: (records: readonly StreamRecord[]) => Promise<readonly string[] | undefined>,
  ): Promise<void> {
    const batch = this.#waiting.slice(0, this.#most);
    if (batch.length === 0) return;
    const failures = await invoke(batch);
    if (failures === undefined) {
      this.#most = Math.ceil(batch.length / 2);
      return;
    }
    const failed = batch.findIndex(({ dynamodb }) => failures.includes(dynamodb.SequenceNumber));
    this.#waiting.splice(0, failed < 0 ? batch.length : failed);
    this.#most = BATCH_SIZE;
  }
}
