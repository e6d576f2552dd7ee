import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StreamLog } from '../../src/dynamodb/stream-log.ts';
import { recordOf } from '../../src/dynamodb/table-changes.ts';
import type { Outcome } from '../../src/functions/instance.ts';
import type { Poller } from '../../src/functions/poller.ts';
import type { StreamMapping } from '../../src/stream/stream-mapping.ts';
import { type Discarded, pollStream } from '../../src/stream/stream-poller.ts';
import { eventually } from '../support/eventually.ts';

const MAPPING: StreamMapping = {
  logicalId: 'Mapping',
  streamArn: 'arn:stream',
  functionArn: 'arn:function',
  batchSize: 10,
  start: 'TRIM_HORIZON',
  matches: () => true,
  partialBatches: true,
  bisect: false,
  maxRetries: Number.POSITIVE_INFINITY,
  maxAgeMs: Number.POSITIVE_INFINITY,
  onFailure: undefined,
};
const DONE: Outcome = { kind: 'answered', payload: '{"batchItemFailures":[]}' };
const FAILED: Outcome = { kind: 'failed', error: { errorType: 'Error', errorMessage: 'no' } };

let folder: string;
let now: Date;
let log: StreamLog;
let poller: Poller | undefined;
/** The IDs in each batch that the function received. */
let batches: string[][];
let discarded: Discarded[];
/** Returns the function's response to a batch with these IDs and sequence numbers. Tests replace it. */
let response: (ids: readonly string[], numbers: readonly string[]) => Outcome | Promise<Outcome>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'poller-'));
  now = new Date('2026-03-01T12:00:00Z');
  log = new StreamLog(join(folder, 'log'), () => now);
  [batches, discarded] = [[], []];
  response = () => DONE;
});
afterEach(async () => {
  await poller?.stop();
  poller = undefined;
  log.close();
  rmSync(folder, { recursive: true });
});

function append(...ids: string[]): void {
  for (const id of ids)
    log.append(
      log.next((sequenceNumber, at) =>
        recordOf({ key: { id }, before: undefined, after: { id } }, 'NEW_IMAGE', {
          sequenceNumber,
          now: at,
          region: 'us-east-1',
        }),
      ),
    );
}

function start(mapping: Partial<StreamMapping> = {}, mayRead = async () => true): void {
  poller = pollStream(
    { ...MAPPING, ...mapping },
    {
      log,
      clock: () => now,
      mayRead,
      invoke: async (event) => {
        const { Records } = event as {
          Records: { dynamodb: { Keys: { id: string }; SequenceNumber: string } }[];
        };
        const ids = Records.map(({ dynamodb }) => dynamodb.Keys.id);
        batches.push(ids);
        return response(
          ids,
          Records.map(({ dynamodb }) => dynamodb.SequenceNumber),
        );
      },
      discard: async (each) => {
        discarded.push(each);
      },
    },
  );
}

/** Stops the poller, reopens the log, and starts the poller again, as happens when local mode restarts. */
async function restart(mapping: Partial<StreamMapping> = {}): Promise<void> {
  await poller?.stop();
  log.close();
  log = new StreamLog(join(folder, 'log'), () => now);
  start(mapping);
}

const got = (...expected: string[][]) =>
  eventually(
    async () => batches,
    (seen) => JSON.stringify(seen) === JSON.stringify(expected),
  );
const processed = () =>
  eventually(
    async () => log.positionOf('Mapping'),
    (at) => at === log.latest,
  );

describe('an event source mapping for a stream', () => {
  test('invokes its function with batches of records in order', async () => {
    append('a', 'b', 'c');
    start({ batchSize: 2 });
    await got(['a', 'b'], ['c']);
    append('d');
    await got(['a', 'b'], ['c'], ['d']);
  });

  test("passes records to its function in Lambda's format", async () => {
    const events: unknown[] = [];
    append('a');
    poller = pollStream(MAPPING, {
      log,
      clock: () => now,
      mayRead: async () => true,
      invoke: async (event) => {
        events.push(event);
        return DONE;
      },
      discard: async () => undefined,
    });
    await processed();
    expect(events).toEqual([
      {
        Records: [
          {
            eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
            eventName: 'INSERT',
            eventVersion: '1.1',
            eventSource: 'aws:dynamodb',
            awsRegion: 'us-east-1',
            eventSourceARN: 'arn:stream',
            dynamodb: {
              ApproximateCreationDateTime: 1_772_366_400,
              Keys: { id: 'a' },
              NewImage: { id: 'a' },
              SequenceNumber: log.latest,
              SizeBytes: expect.any(Number),
              StreamViewType: 'NEW_IMAGE',
            },
          },
        ],
      },
    ]);
  });

  test('skips records that do not match its filter', async () => {
    append('a', 'b', 'c');
    start({
      matches: (record) => (record as { dynamodb: { Keys: { id: string } } }).dynamodb.Keys.id !== 'b',
    });
    await got(['a', 'c']);
    await processed();
  });

  test('starts after the latest record on its first start if its starting position is LATEST', async () => {
    append('a');
    start({ start: 'LATEST' });
    append('b');
    await got(['b']);
    await poller?.stop();
    append('c');
    await restart({ start: 'LATEST' });
    await got(['b'], ['c']);
  });

  test('does not repeat processed batches after a restart', async () => {
    append('a');
    start();
    await processed();
    await restart();
    append('b');
    await got(['a'], ['b']);
  });

  test('repeats an interrupted batch after a restart', async () => {
    const interrupted = Promise.withResolvers<Outcome>();
    response = () => interrupted.promise;
    append('a');
    start();
    await got(['a']);
    const stopped = poller?.stop();
    interrupted.resolve(FAILED);
    await stopped;
    response = () => DONE;
    await restart();
    await got(['a'], ['a']);
  });

  test('retries a batch until it succeeds, and delays later records', async () => {
    response = () => (batches.length < 3 ? FAILED : DONE);
    append('a', 'b');
    start({ batchSize: 1 });
    await got(['a'], ['a'], ['a'], ['b']);
  });

  test('retries from the first record that its function reports as failed', async () => {
    response = (ids, numbers) =>
      batches.length === 1
        ? {
            kind: 'answered',
            payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier: numbers[ids.indexOf('b')] }] }),
          }
        : DONE;
    append('a', 'b', 'c');
    start();
    await got(['a', 'b', 'c'], ['b', 'c']);
  });

  test('discards a batch after its last retry, reports it, and continues', async () => {
    response = (ids) => (ids.includes('bad') ? FAILED : DONE);
    append('bad', 'b');
    start({ batchSize: 1, maxRetries: 2 });
    await got(['bad'], ['bad'], ['bad'], ['b']);
    expect(discarded).toMatchObject([
      { reason: 'RetryAttemptsExhausted', invokeCount: 3, records: [{ dynamodb: { Keys: { id: 'bad' } } }] },
    ]);
  });

  test('splits a failing batch until only the bad record is left', async () => {
    response = (ids) => (ids.includes('bad') ? FAILED : DONE);
    append('a', 'b', 'bad', 'd');
    start({ bisect: true, maxRetries: 0 });
    await got(['a', 'b', 'bad', 'd'], ['a', 'b'], ['bad', 'd'], ['bad'], ['d']);
    expect(discarded.map(({ records }) => records.map(({ dynamodb }) => dynamodb.Keys.id))).toEqual([
      ['bad'],
    ]);
  });

  test('discards records that exceed the maximum age without invoking its function', async () => {
    append('old');
    now = new Date(now.getTime() + 120_000);
    append('new');
    start({ maxAgeMs: 60_000 });
    await got(['new']);
    expect(discarded).toMatchObject([{ reason: 'RecordAgeExceeded', invokeCount: 0 }]);
  });

  test("does nothing if the function's role is not allowed to read the stream", async () => {
    append('a');
    const checked = Promise.withResolvers<void>();
    start({}, async () => {
      checked.resolve();
      return false;
    });
    await checked.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([]);
  });
});
