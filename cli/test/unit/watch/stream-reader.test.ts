import { describe, expect, test } from '@jest/globals';
import { type Start, StreamReader } from '../../../watch/stream-reader.ts';

interface FakeShard {
  readonly parent?: string;
  readonly records: string[];
  ended?: true;
}

/** A stream in memory. An iterator is the name of a shard and a position in it. */
class FakeStream {
  readonly shards: Record<string, FakeShard> = {};
  /** Errors that the next reads meet. */
  readonly faults: string[] = [];

  reader(start: Start): StreamReader {
    const client = {
      send: async ({ constructor: { name }, input }: { constructor: { name: string }; input: object }) =>
        this.answer(name, input as Readonly<Record<string, string | undefined>>),
    };
    const { signal } = new AbortController();
    return new StreamReader(client as unknown as ConstructorParameters<typeof StreamReader>[0], {
      arn: 'arn:stream',
      start,
      signal,
    });
  }

  answer(call: string, input: Readonly<Record<string, string | undefined>>): object {
    const { ShardId = '', ShardIteratorType, SequenceNumber, ShardIterator = '' } = input;
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

  /** Describes one shard a page. */
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

describe('the reader of a stream', () => {
  test('begins after the latest record, and reads on', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'] };
    const reader = stream.reader('LATEST');
    await reader.open();
    expect(await idsOf(reader)).toEqual([]);
    stream.shards.a.records.push('new');
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([['new'], []]);
  });

  test('reads a shard after the one that it follows', async () => {
    const stream = new FakeStream();
    Object.assign(stream.shards, {
      child: { parent: 'root', records: ['third'] },
      root: { parent: 'long gone', records: ['first', 'second'], ended: true },
    });
    const reader = stream.reader('TRIM_HORIZON');
    await reader.open();
    expect([await idsOf(reader), await idsOf(reader)]).toEqual([['first', 'second'], ['third']]);
  });

  test('goes on with the successor of a shard that ends, from its beginning', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.a.records.push('one');
    stream.shards.a.ended = true;
    stream.shards.b = { parent: 'a', records: ['two'] };
    expect([await idsOf(reader), await idsOf(reader), await idsOf(reader)]).toEqual([['one'], ['two'], []]);
  });

  test('does not read shards that had ended before it began', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: ['old'], ended: true };
    stream.shards.b = { parent: 'a', records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.shards.b.records.push('new');
    expect(await idsOf(reader)).toEqual(['new']);
  });

  test.each([
    ['ExpiredIteratorException', ['two']],
    ['TrimmedDataAccessException', ['one', 'two']],
    ['LimitExceededException', ['two']],
  ])('goes on after %s', async (fault, expected) => {
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

  test('passes other errors on', async () => {
    const stream = new FakeStream();
    stream.shards.a = { records: [] };
    const reader = stream.reader('LATEST');
    await reader.open();
    stream.faults.push('AccessDeniedException');
    await expect(reader.read()).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
