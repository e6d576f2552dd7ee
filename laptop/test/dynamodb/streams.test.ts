import { readFileSync, writeFileSync } from 'node:fs';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { install } from '@sinonjs/fake-timers';
import { allowAll } from '../../src/access.ts';
import type { StreamViewType } from '../../src/dynamodb/table-changes.ts';
import { denialOf } from '../support/denial.ts';
import { eventually } from '../support/eventually.ts';
import { LocalServices } from '../support/local-services.ts';

const TABLE = 'notes';
const OTHER = 'drafts';
const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/notes/stream/2026-01-01T00:00:00.000';
const ShardId = 'shardId-00000000000000000000-00000001';

let services: LocalServices;
beforeEach(async () => {
  services = new LocalServices();
  await services.start();
  for (const TableName of [TABLE, OTHER])
    await services.dynamodb().send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  provide();
});
afterEach(() => services.remove());

/** Opens the stream of the table, as happens on every start. */
function provide(view: StreamViewType = 'NEW_AND_OLD_IMAGES'): void {
  services.tables.streams.provide(TABLE, { view, ttlAttribute: 'removeAt' });
}

const note = (id: string, text: string, more: object = {}) => ({
  id: { S: id },
  text: { S: text },
  ...more,
});
const put = (id: string, text: string, more: object = {}, TableName = TABLE) =>
  services.dynamodb().send(new PutItemCommand({ TableName, Item: note(id, text, more) }));
const remove = (id: string) =>
  services.dynamodb().send(new DeleteItemCommand({ TableName: TABLE, Key: { id: { S: id } } }));

async function iterator(
  ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER',
  SequenceNumber?: string,
): Promise<string | undefined> {
  const command = new GetShardIteratorCommand({ StreamArn: ARN, ShardId, ShardIteratorType, SequenceNumber });
  return (await services.dynamodbStreams().send(command)).ShardIterator;
}

const read = (ShardIterator: string | undefined, Limit?: number) =>
  services.dynamodbStreams().send(new GetRecordsCommand({ ShardIterator, Limit }));

async function records(): Promise<readonly StreamRecord[]> {
  return (await read(await iterator('TRIM_HORIZON'))).Records ?? [];
}

const changes = async () =>
  (await records()).map(({ eventName, dynamodb }) => [eventName, dynamodb?.Keys?.id?.S]);

describe("a table's stream", () => {
  test("records an item's creation, modification, and deletion with the item's images", async () => {
    const secondsBefore = Math.floor(Date.now() / 1000);
    await put('a', 'one');
    await services.dynamodb().send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET #text = :two',
        ExpressionAttributeNames: { '#text': 'text' },
        ExpressionAttributeValues: { ':two': { S: 'two' } },
      }),
    );
    await remove('a');
    const [one, two] = [note('a', 'one'), note('a', 'two')];
    const written = await records();
    const common = { Keys: { id: { S: 'a' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' };
    expect(written).toMatchObject([
      { eventName: 'INSERT', dynamodb: { ...common, NewImage: one } },
      { eventName: 'MODIFY', dynamodb: { ...common, NewImage: two, OldImage: one } },
      { eventName: 'REMOVE', dynamodb: { ...common, OldImage: two } },
    ]);
    const ids = written.map(({ eventID }) => eventID);
    expect(new Set(ids).size).toBe(3);
    for (const { dynamodb, ...record } of written) {
      expect(record).toMatchObject({
        eventSource: 'aws:dynamodb',
        eventVersion: '1.1',
        awsRegion: 'us-east-1',
      });
      expect(record).not.toHaveProperty('userIdentity');
      expect(dynamodb?.SequenceNumber).toMatch(/^\d{21}$/);
      expect(dynamodb?.SizeBytes).toBeGreaterThan(0);
      expect((dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000).toBeGreaterThanOrEqual(
        secondsBefore,
      );
    }
    expect(written[0]?.dynamodb).not.toHaveProperty('OldImage');
    expect(written[2]?.dynamodb).not.toHaveProperty('NewImage');
  });

  test.each<[StreamViewType, readonly string[]]>([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ])('records the images that the view type %s includes: %j', async (view, images) => {
    provide(view);
    await put('a', 'one');
    await put('a', 'two');
    const [, modified] = await records();
    expect(
      Object.keys(modified?.dynamodb ?? {})
        .filter((name) => name.endsWith('Image'))
        .sort(),
    ).toEqual(images);
  });

  test('records each item in a batch separately', async () => {
    await put('a', 'one');
    await services.dynamodb().send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TABLE]: [
            { DeleteRequest: { Key: { id: { S: 'a' } } } },
            { PutRequest: { Item: note('b', 'two') } },
          ],
          [OTHER]: [{ PutRequest: { Item: note('c', 'three') } }],
        },
      }),
    );
    expect(await changes()).toEqual([
      ['INSERT', 'a'],
      ['REMOVE', 'a'],
      ['INSERT', 'b'],
    ]);
  });

  test('does not record writes that change nothing, fail their condition, or go to other tables', async () => {
    const tags = (...SS: string[]) => ({ tags: { SS } });
    await put('a', 'one', tags('x', 'y'));
    await put('a', 'one', tags('y', 'x'));
    await remove('absent');
    await put('b', 'two', {}, OTHER);
    const ConditionExpression = 'attribute_not_exists(id)';
    const again = new PutItemCommand({ TableName: TABLE, Item: note('a', 'two'), ConditionExpression });
    await expect(services.dynamodb().send(again)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
    });
    expect(await changes()).toEqual([['INSERT', 'a']]);
  });

  test('records each image once and in order, even if writes are concurrent', async () => {
    const client = services.dynamodb();
    const write = (index: number) =>
      client.send(new PutItemCommand({ TableName: TABLE, Item: note('a', String(index)) }));
    await Promise.all(Array.from({ length: 20 }, (_, index) => write(index)));
    const written = await records();
    expect(written).toHaveLength(20);
    for (const [index, { dynamodb }] of written.entries())
      expect(dynamodb?.OldImage).toEqual(written[index - 1]?.dynamodb?.NewImage);
  });

  test('survives a restart, and continues with higher sequence numbers', async () => {
    await put('a', 'one');
    await services.stop();
    await services.start();
    provide();
    await put('a', 'two');
    const numbers = (await records()).map(({ dynamodb }) => dynamodb?.SequenceNumber ?? '');
    expect(await changes()).toEqual([
      ['INSERT', 'a'],
      ['MODIFY', 'a'],
    ]);
    expect(numbers).toEqual(numbers.toSorted());
  });

  test('contains every change to the table, even if the process was killed while it was logging the last one', async () => {
    await put('a', 'one');
    await put('b', 'one');
    await services.stop();
    const log = services.streamLog(TABLE);
    const [first] = readFileSync(log, 'utf8').split('\n');
    writeFileSync(log, `${first}\n{"record":{`);
    for (let starts = 0; starts < 2; starts += 1) {
      await services.start();
      provide();
      expect(await changes()).toEqual([
        ['INSERT', 'a'],
        ['INSERT', 'b'],
      ]);
      await services.stop();
    }
    await services.start();
  });

  test('is deleted on the next start if the template no longer enables it', async () => {
    await put('a', 'one');
    await services.stop();
    await services.start();
    services.tables.streams.provide(TABLE, undefined);
    await services.stop();
    await services.start();
    provide();
    expect(await records()).toEqual([]);
  });
});

describe('expired items', () => {
  const SECONDS = Math.floor(Date.now() / 1000);
  const removeAt = (seconds: number) => ({ removeAt: { N: String(seconds) } });

  test('are recorded in the stream as removed by the DynamoDB service', async () => {
    await put('over', 'old', removeAt(SECONDS - 1));
    await put('live', 'new', removeAt(SECONDS + 1000));
    await put('endless', 'new');
    expect(await services.tables.removeExpired()).toBe(1);
    expect((await records()).at(-1)).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
      dynamodb: { OldImage: { id: { S: 'over' }, text: { S: 'old' } } },
    });
    const get = new GetItemCommand({ TableName: TABLE, Key: { id: { S: 'over' } } });
    expect(await services.dynamodb().send(get)).not.toHaveProperty('Item');
    expect(await services.tables.removeExpired()).toBe(0);
  });

  test('are removed within 30 seconds', async () => {
    await services.stop();
    const clock = install({ toFake: ['setInterval', 'clearInterval'] });
    try {
      await services.start();
      provide();
      await put('over', 'old', removeAt(SECONDS - 1));
      clock.tick(30_000);
    } finally {
      clock.uninstall();
    }
    await eventually(changes, ({ length }) => length === 2);
  });

  test('are kept if their TTL is not a number, if it is more than five years in the past, or if the table has no stream', async () => {
    await put('ancient', 'old', removeAt(SECONDS - 6 * 365 * 86_400));
    await put('text', 'old', { removeAt: { S: String(SECONDS - 1) } });
    await put('other', 'old', removeAt(SECONDS - 1), OTHER);
    expect(await services.tables.removeExpired()).toBe(0);
  });
});

describe('the DynamoDB Streams API', () => {
  test("describes a table's stream", async () => {
    const { StreamDescription } = await services
      .dynamodbStreams()
      .send(new DescribeStreamCommand({ StreamArn: ARN }));
    expect(StreamDescription).toMatchObject({
      StreamArn: ARN,
      StreamStatus: 'ENABLED',
      StreamViewType: 'NEW_AND_OLD_IMAGES',
      TableName: TABLE,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      Shards: [{ ShardId, SequenceNumberRange: { StartingSequenceNumber: expect.any(String) } }],
    });
  });

  test("includes a table's stream in the table's description", async () => {
    const described = (TableName: string) =>
      services.dynamodb().send(new DescribeTableCommand({ TableName }));
    expect((await described(TABLE)).Table).toMatchObject({
      LatestStreamArn: ARN,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect((await described(OTHER)).Table).not.toHaveProperty('LatestStreamArn');
  });

  test('returns only records that are newer than the iterator if its type is LATEST', async () => {
    await put('a', 'one');
    const latest = await iterator('LATEST');
    const empty = await read(latest);
    expect(empty.Records).toEqual([]);
    await put('b', 'two');
    expect((await read(empty.NextShardIterator)).Records).toMatchObject([{ eventName: 'INSERT' }]);
  });

  test('returns the records after a sequence number, and returns the next page for the next iterator', async () => {
    for (const id of ['a', 'b', 'c']) await put(id, 'text');
    const second = (await records())[1]?.dynamodb?.SequenceNumber;
    const { Records: later = [] } = await read(await iterator('AFTER_SEQUENCE_NUMBER', second));
    expect(later.map(({ dynamodb }) => dynamodb?.Keys?.id?.S)).toEqual(['c']);
    const page = await read(await iterator('TRIM_HORIZON'), 2);
    expect(page.Records).toHaveLength(2);
    expect((await read(page.NextShardIterator)).Records).toMatchObject([
      { dynamodb: { Keys: { id: { S: 'c' } } } },
    ]);
  });

  test('rejects unknown streams, shards, and iterators, and does not support ListStreams', async () => {
    const client = services.dynamodbStreams();
    const StreamArn = ARN.replace('notes', 'absent');
    const ask = { StreamArn: ARN, ShardId, ShardIteratorType: 'LATEST' } as const;
    for (const [command, name] of [
      [new DescribeStreamCommand({ StreamArn }), 'ResourceNotFoundException'],
      [new GetShardIteratorCommand({ ...ask, StreamArn }), 'ResourceNotFoundException'],
      [new GetShardIteratorCommand({ ...ask, ShardId: 'shardId-absent' }), 'ResourceNotFoundException'],
      [new GetRecordsCommand({ ShardIterator: 'forged' }), 'ValidationException'],
      [new ListStreamsCommand(), 'UnknownOperationException'],
    ] as const)
      await expect(client.send(command as DescribeStreamCommand)).rejects.toMatchObject({ name });
  });

  test('requires permissions on the stream, even for GetRecords, which names only an iterator', async () => {
    const latest = await iterator('LATEST');
    services.authorizations.length = 0;
    await services.dynamodbStreams().send(new DescribeStreamCommand({ StreamArn: ARN }));
    await read(latest);
    expect(services.authorizations.map(({ action, resource }) => [action, resource])).toEqual([
      ['dynamodb:DescribeStream', ARN],
      ['dynamodb:GetRecords', ARN],
    ]);
  });

  test('denies records to a caller without permission', async () => {
    const latest = await iterator('LATEST');
    services.authorize = async (request) => denialOf(request);
    await expect(read(latest)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    services.authorize = allowAll;
  });
});
