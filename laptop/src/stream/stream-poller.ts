import { START, type StreamLog, type StreamRecord } from '../dynamodb/stream-log.ts';
import { failedItems } from '../functions/batch-report.ts';
import type { Outcome } from '../functions/instance.ts';
import { type Poller, pause } from '../functions/poller.ts';
import type { StreamMapping } from './stream-mapping.ts';

/** Reason why records were discarded, as Lambda reports it. */
type DiscardReason = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

export interface Discarded {
  readonly records: readonly StreamRecord[];
  readonly reason: DiscardReason;
  /** Number of invocations with these records. */
  readonly invokeCount: number;
}

export interface StreamPollerOptions {
  readonly log: StreamLog;
  readonly clock: () => Date;
  /** Resolves to whether the function's role is allowed to read the stream. */
  mayRead(): Promise<boolean>;
  invoke(event: unknown): Promise<Outcome>;
  /** Reports records that will not be retried. */
  discard(discarded: Discarded): Promise<void>;
}

/** Milliseconds to wait after a failure. Each consecutive failure doubles the wait, up to the maximum. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/** Records that are delivered in one invocation. */
interface Part {
  readonly records: readonly StreamRecord[];
  readonly retries: number;
}

/**
 * Reads a stream and invokes its function with one batch at a time, in order, as a Lambda event source mapping does. A
 * failed batch blocks the stream until it is processed or discarded. The position after each batch survives restarts.
 *
 * A split does not count as a retry. If `bisect` is set and the function reports a failed record, the batch is split
 * before that record, and the remaining part keeps its retry count.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-errors.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function pollStream(mapping: StreamMapping, options: StreamPollerOptions): Poller {
  const { log, clock, mayRead, invoke, discard } = options;
  const { logicalId, streamArn, batchSize, bisect, maxRetries, maxAgeMs } = mapping;
  const stopping = new AbortController();
  const { signal } = stopping;
  let position = log.positionOf(logicalId) ?? (mapping.start === 'LATEST' ? log.latest : START);
  const advanceTo = (record: StreamRecord | undefined): void => {
    position = record?.dynamodb.SequenceNumber ?? position;
    log.advance(logicalId, position);
  };
  log.advance(logicalId, position);

  const isTooOld = ({ dynamodb }: StreamRecord): boolean =>
    clock().getTime() - dynamodb.ApproximateCreationDateTime * 1000 > maxAgeMs;

  /** Delivers part of a batch, and returns the parts that still have to be delivered. */
  const attempt = async ({ records, retries }: Part): Promise<readonly Part[]> => {
    const tooOld = records.filter(isTooOld);
    if (tooOld.length > 0) {
      await discard({ records: tooOld, reason: 'RecordAgeExceeded', invokeCount: retries });
      advanceTo(tooOld.at(-1));
      return nonEmpty({ records: records.slice(tooOld.length), retries });
    }
    const Records = records.map((record) => ({ ...record, eventSourceARN: streamArn }));
    const outcome = await invoke({ Records });
    const ids = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
    const failed = failedItems(outcome, ids, mapping);
    const at = ids.findIndex((id) => failed.has(id));
    if (at !== 0) advanceTo(records.at(at === -1 ? -1 : at - 1));
    if (at === -1) return [];
    const rest = records.slice(at);
    // The invocation may have failed because the function is being stopped, so do not discard the records.
    if (signal.aborted) return [];
    if (bisect && rest.length > 1) return at > 0 ? [{ records: rest, retries }] : halvesOf(rest, retries);
    if (retries < maxRetries) return [{ records: rest, retries: retries + 1 }];
    await discard({ records: rest, reason: 'RetryAttemptsExhausted', invokeCount: retries + 1 });
    advanceTo(rest.at(-1));
    return [];
  };

  const deliver = async (batch: readonly StreamRecord[]): Promise<void> => {
    let parts = nonEmpty({ records: batch, retries: 0 });
    let wait = FIRST_PAUSE_MS;
    for (let [part, ...others] = parts; part !== undefined && !signal.aborted; [part, ...others] = parts) {
      const left = await attempt(part);
      parts = [...left, ...others];
      if (left.length > 0) await pause(wait, signal);
      wait = left.length > 0 ? Math.min(2 * wait, LONGEST_PAUSE_MS) : FIRST_PAUSE_MS;
    }
  };

  const run = async (): Promise<void> => {
    if (!(await mayRead())) return;
    while (!signal.aborted) {
      const batch = log.after(position, batchSize);
      await deliver(batch.filter(mapping.matches));
      if (signal.aborted) return;
      if (batch.length > 0) advanceTo(batch.at(-1));
      else await log.hasMore(position, signal);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

const nonEmpty = (part: Part): readonly Part[] => (part.records.length > 0 ? [part] : []);

function halvesOf(records: readonly StreamRecord[], retries: number): readonly Part[] {
  const middle = Math.ceil(records.length / 2);
  return [
    { records: records.slice(0, middle), retries },
    { records: records.slice(middle), retries },
  ];
}
