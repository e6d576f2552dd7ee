import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StreamLog, type StreamRecord } from './stream-log.ts';
import type { StreamViewType } from './table-changes.ts';

/** Label of every stream. On AWS, the label is the time at which the stream was enabled. */
export const STREAM_LABEL = '2026-01-01T00:00:00.000';

export interface TableStream {
  readonly table: string;
  readonly arn: string;
  readonly view: StreamViewType;
  readonly ttlAttribute: string | undefined;
  readonly log: StreamLog;
}

/** A record, and the table whose stream contains it. */
export interface StreamedChange {
  readonly table: string;
  readonly record: StreamRecord;
}

/** A table's stream settings in the template. */
export interface StreamSettings extends Pick<TableStream, 'view' | 'ttlAttribute'> {}

/** The streams of all tables. Each stream has a log file in `dir`. */
export class TableStreams {
  readonly #streams = new Map<string, TableStream>();
  readonly #dir: string;
  readonly #clock: () => Date;
  readonly #tableArn: (table: string) => string;

  constructor(dir: string, clock: () => Date, tableArn: (table: string) => string) {
    mkdirSync(dir, { recursive: true });
    this.#dir = dir;
    this.#clock = clock;
    this.#tableArn = tableArn;
  }

  /**
   * Appends changes that are missing at the end of the tables' logs because the process was killed before it could
   * append them. Call this before the streams are opened.
   */
  restore(changes: readonly StreamedChange[]): void {
    for (const [table, ofTable] of Map.groupBy(changes, (change) => change.table)) {
      const path = join(this.#dir, table);
      if (!existsSync(path)) continue;
      const log = new StreamLog(path, this.#clock);
      for (const { record } of ofTable) {
        if (record.dynamodb.SequenceNumber > log.latest) log.append(record);
      }
      log.close();
    }
  }

  /** Opens a table's stream, or deletes its old log if the table no longer has a stream. */
  provide(table: string, settings: StreamSettings | undefined): void {
    this.#streams.get(table)?.log.close();
    const path = join(this.#dir, table);
    if (settings === undefined) {
      rmSync(path, { force: true });
      return;
    }
    const arn = `${this.#tableArn(table)}/stream/${STREAM_LABEL}`;
    this.#streams.set(table, { table, arn, ...settings, log: new StreamLog(path, this.#clock) });
  }

  all(): readonly TableStream[] {
    return [...this.#streams.values()];
  }

  of(table: string): TableStream | undefined {
    return this.#streams.get(table);
  }

  withArn(arn: unknown): TableStream | undefined {
    return this.all().find((stream) => stream.arn === arn);
  }

  close(): void {
    for (const { log } of this.all()) log.close();
  }
}
