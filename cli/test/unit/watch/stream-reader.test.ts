import { describe, expect, test } from '@jest/globals';
import { type Start, StreamReader } from '../../../watch/stream-reader.ts';

interface FakeShard {
  readonly parent?: string;
  readonly records: string[];
  ended?: true;
}

/** An in-memory stream. An iterator is the name of a shard and a position in that shard. */
class FakeStream {
  readonly shards: Record<string, FakeShard> = {};
  /** Errors that the next reads throw. */
  readonly faults: string[] = [];
  /** Errors that the next calls throw, by operation. */
  readonly faultsOf: Record<string, string[]> = {};

  reader(start: Start): StreamReader {
    const client = {
      send: async ({ constructor: { name }, input }: { constructor: { name: string }; input: object }) =>
        this.response(name, input as Readonly<Record<string, string | undefined>>),
    };
    const { signal } = new AbortController();
    return new StreamReader(client as unknown as ConstructorParameters<typeof StreamReader>[0], {
      arn: 'arn:stream',
      start,
      signal,
    });
  }

  response(call: string, input: Readonly<Record<string, string | undefined>>): object {
    const { ShardId = '', ShardIteratorType, SequenceNumber, ShardIterator = '' } = input;
    const early = this.faultsOf[call]?.shift();
    if (early !== undefined) throw Object.assign(new Error(early), { name: early });
    if (call === 'DescribeStreamCommand') return this.describe(input.ExclusiveStartShardId);
    if (call === 'GetShardIteratorCommand') {
      const { length } = this.shards[ShardId]?.records ?? [];
      const after = SequenceNumber === undefined ? 0 : Number(SequenceNumber) + 1;
      return { ShardIterator: `${ShardId}:${ShardIteratorType === 'LATEST' ? length : after}` };
    }
    const fault = this.faults.shift();
    if (fault !== undefined) throw Object.assign(new Error(fault), { name: fault });
    const [name = '', from] = ShardIterator.split(':');
    const shard = this.shards[name];
    const records = shard?.records.slice(Number(from)) ?? [];
    return {
      Records: records.map((eventID, at) => ({
        eventID,
        dynamodb: { SequenceNumber: String(Number(from) + at) },
      })),
      ...(shard?.ended ? {} : { NextShardIterator: `${name}:${shard?.records.length}` }),
    };
  }

  /** Returns one shard per page. */
  describe(after: string | undefined): object {
    const names = Object.keys(this.shards);
    const name = names[after === undefined ? 0 : names.indexOf(after) + 1] ?? '';
    const { parent, ended } = this.shards[name] ?? {};
    const SequenceNumberRange = ended ? { EndingSequenceNumber: '9' } : {};
    return {
      StreamDescription: {
        Shards: [{ ShardId: name, ParentShardId: parent, SequenceNumberRange }],
        ...(name === names.at(-1) ? {} : { LastEvaluatedShardId: name }),
      },
    };
  }
}

const idsOf = async (reader: StreamReader) => (await reader.read()).map(({ eventID }) => eventID);

describe('the stream reader', () => {
  test('starts after the latest record, and keeps reading', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'] };
    const reader = stream.reader('LATEST');
    await reader.open();
    expect(await idsOf(reader)).toEqual([]);
    stream.shards.a.records.push('new');
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([['new'], []]);
  });

  test('reads a shard after its parent', async () => {
    const stream = new FakeStream();
    Object.assign(stream.shards, {
      child: { parent: 'root', records: ['third'] },
      root: { parent: 'long gone', records: ['first', 'second'], ended: true },
    });
    const reader = stream.reader('TRIM_HORIZON');
    await reader.open();
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([['first', 'second'], ['third']]);
  });

  test('reads the successor of a shard from the beginning when the shard ends', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.a.records.push('one');
    stream.shards.a.ended = true;
    stream.shards.b = { parent: 'a', records: ['two'] };
    expect([await idsOf(reader), await idsOf(reader), await idsOf(reader)]).toEqual([['one'], ['two'], []]);
  });

  test('does not read shards that ended before the reader started', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'], ended: true };
    stream.shards.b = { parent: 'a', records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.b.records.push('new');
    expect(await idsOf(reader)).toEqual(['new']);
  });

  test.each<Start>(['LATEST', 'TRIM_HORIZON'])(
    'finds a successor that is listed long after its predecessor has ended, starting at %s',
    async (start) => {
      const stream = new FakeStream();
      stream.shards.a = { records: [] };
      const reader = stream.reader(start);
      await reader.open();
      Object.assign(stream.shards.a, { records: ['one'], ended: true });
      expect([await idsOf(reader), await idsOf(reader)]).toEqual([['one'], []]);
      stream.shards.b = { parent: 'a', records: ['two'] };
      expect([...(await idsOf(reader)), ...(await idsOf(reader))]).toEqual(['two']);
    },
  );

  test('finds the successor of a shard that ended before the reader started, even if the successor is listed late', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'], ended: true };
    const reader = stream.reader('LATEST');
    await reader.open();
    expect(await idsOf(reader)).toEqual([]);
    stream.shards.b = { parent: 'a', records: ['new'] };
    expect([...(await idsOf(reader)), ...(await idsOf(reader))]).toEqual(['new']);
  });

  test('finds a second successor that is listed after the first', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: [], ended: true };
    stream.shards.b = { parent: 'a', records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    await reader.read();
    stream.shards.c = { parent: 'a', records: ['late'] };
    const read: unknown[] = [];
    for (let turn = 0; turn < 25; turn += 1) read.push(...(await idsOf(reader)));
    expect(read).toEqual(['late']);
  });

  test('lists the shards again after every twenty reads, and otherwise only if one is missing', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.faultsOf.DescribeStreamCommand = ['AccessDeniedException'];
    for (let turn = 1; turn < 20; turn += 1) await reader.read();
    await expect(reader.read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test.each(['DescribeStreamCommand', 'GetShardIteratorCommand'])(
    'loses nothing if %s is throttled while a shard ends',
    async (call) => {
      const stream = new FakeStream();
      stream.shards.a = { records: [] };
      const reader = stream.reader('LATEST');
      await reader.open();
      Object.assign(stream.shards.a, { records: ['one'], ended: true });
      stream.shards.b = { parent: 'a', records: ['two'] };
      stream.faultsOf[call] = ['LimitExceededException', 'LimitExceededException'];
      const read: unknown[] = [];
      for (let turn = 0; turn < 5; turn += 1) read.push(...(await idsOf(reader)));
      expect(read).toEqual(['one', 'two']);
    },
  );

  test.each(['DescribeStreamCommand', 'GetShardIteratorCommand'])(
    'does not open if %s is throttled, and opens on the next call',
    async (call) => {
      const stream = new FakeStream();
      stream.shards.a = { records: ['old'] };
      stream.faultsOf[call] = ['LimitExceededException'];
      const reader = stream.reader('LATEST');
      expect([await reader.open(), await reader.open()]).toEqual([false, true]);
      stream.shards.a.records.push('new');
      expect(await idsOf(reader)).toEqual(['new']);
    },
  );

  test('treats a shard that no longer exists as ended, and reads its successor', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.b = { parent: 'a', records: ['new'] };
    delete stream.shards.a;
    stream.faults.push('ResourceNotFoundException');
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([[], ['new']]);
  });

  test.each([
    ['ExpiredIteratorException', ['two']],
    ['TrimmedDataAccessException', ['one', 'two']],
    ['LimitExceededException', ['two']],
  ])('continues after %s', async (fault, expected) => {
    const stream = new FakeStream();
    stream.shards.a = { records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.a.records.push('one');
    expect(await idsOf(reader)).toEqual(['one']);
    stream.shards.a.records.push('two');
    stream.faults.push(fault);
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([[], expected]);
  });

  test('rethrows other errors', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.faults.push('AccessDeniedException');
    await expect(reader.read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
