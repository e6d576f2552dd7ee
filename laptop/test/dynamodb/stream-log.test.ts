import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { START, StreamLog } from '../../src/dynamodb/stream-log.ts';
import { answerStreamsCall, SHARD_ID } from '../../src/dynamodb/streams-api.ts';
import { recordOf } from '../../src/dynamodb/table-changes.ts';
import { TableStreams } from '../../src/dynamodb/table-streams.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let now: Date;
let log: StreamLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stream-'));
  now = new Date('2026-03-01T12:00:00Z');
  log = new StreamLog(path(), clock);
});
afterEach(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

const clock = () => now;
const path = () => join(folder, 'log');
const later = (hours: number): void => {
  now = new Date(now.getTime() + hours * HOUR_MS);
};

function reopen(): void {
  log.close();
  log = new StreamLog(path(), clock);
}

function append(id: string, to = log): void {
  const change = { key: { id }, before: undefined, after: { id } };
  to.append(
    to.next((sequenceNumber, at) =>
      recordOf(change, 'NEW_IMAGE', { sequenceNumber, now: at, region: 'us-east-1' }),
    ),
  );
}

const ids = (after = START) => log.after(after, 100).map(({ dynamodb }) => dynamodb.Keys.id);

describe("a stream's log", () => {
  test('assigns increasing sequence numbers even if the clock moves backward', () => {
    append('a');
    const first = log.latest;
    later(-1);
    append('b');
    reopen();
    append('c');
    expect([log.latest > first, ids(first)]).toEqual([true, ['b', 'c']]);
  });

  test('keeps a record for 24 hours', () => {
    append('a');
    later(23);
    append('b');
    expect(ids()).toEqual(['a', 'b']);
    later(2);
    append('c');
    expect(ids()).toEqual(['b', 'c']);
  });

  test('keeps a record for up to a week if a consumer has not processed it', () => {
    log.advance('mapping', START);
    append('a');
    later(48);
    reopen();
    expect(ids(log.positionOf('mapping'))).toEqual(['a']);
    log.advance('mapping', log.latest);
    reopen();
    expect([ids(), log.positionOf('mapping')]).toEqual([[], log.latest]);
    append('b');
    later(24 * 7 + 1);
    reopen();
    expect(ids()).toEqual([]);
  });

  test('ignores a line that a crash truncated', () => {
    append('a');
    appendFileSync(path(), '{"record":{"event');
    reopen();
    append('b');
    reopen();
    expect(ids()).toEqual(['a', 'b']);
  });

  test('ends a wait when a record is added or the wait is aborted', async () => {
    const { signal } = new AbortController();
    const more = log.hasMore(log.latest, signal);
    append('a');
    await more;
    const stopping = new AbortController();
    const aborted = log.hasMore(log.latest, stopping.signal);
    stopping.abort();
    await aborted;
    expect(ids()).toEqual(['a']);
  });
});

describe('a shard iterator', () => {
  let streams: TableStreams;
  beforeEach(() => {
    streams = new TableStreams(join(folder, 'streams'), clock, (table) => `arn:table/${table}`);
    streams.provide('notes', { view: 'NEW_IMAGE', ttlAttribute: undefined });
  });
  afterEach(() => streams.close());

  const call = (operation: string, input: object) =>
    answerStreamsCall(operation, { ...input }, streams, { clock, keySchemaOf: async () => [] });
  const ask = (more: object) =>
    call('GetShardIterator', { StreamArn: streams.of('notes')?.arn, ShardId: SHARD_ID, ...more });

  test('expires after 15 minutes', async () => {
    const got = await ask({ ShardIteratorType: 'TRIM_HORIZON' });
    const input = got.ok ? got.output : {};
    expect(await call('GetRecords', input)).toMatchObject({ ok: true });
    later(0.26);
    expect(await call('GetRecords', input)).toMatchObject({ error: { code: 'ExpiredIteratorException' } });
  });

  test('cannot start at a record that has been trimmed', async () => {
    const { log: own = log } = streams.of('notes') ?? {};
    append('a', own);
    const SequenceNumber = own.latest;
    later(25);
    append('b', own);
    expect(await ask({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber })).toMatchObject({
      error: { code: 'TrimmedDataAccessException' },
    });
  });
});
