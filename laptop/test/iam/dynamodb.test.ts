import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createAuthorizer } from '../../src/iam/authorizer.ts';
import type { PolicyStatement } from '../../src/iam/policy-document.ts';
import { LocalServices } from '../support/local-services.ts';

/*
 * Tests the condition keys of DynamoDB's fine-grained access control in the policy of a role, over HTTP. The sources are in
 * laptop/src/dynamodb/required-rights.ts.
 */

const ACCOUNT = '000000000000';
const arn = (table: string): string => `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${table}`;

type Condition = NonNullable<PolicyStatement['Condition']>;

const services = new LocalServices();
const clients: DynamoDBClient[] = [];

const createTable = (TableName: string, sortKey?: string) =>
  services.dynamodb().send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['id', 'asset', ...(sortKey === undefined ? [] : [sortKey])].map(
        (AttributeName) => ({ AttributeName, AttributeType: 'S' as const }),
      ),
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        ...(sortKey === undefined ? [] : [{ AttributeName: sortKey, KeyType: 'RANGE' as const }]),
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'byAsset',
          KeySchema: [{ AttributeName: 'asset', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );

beforeAll(async () => {
  await services.start();
  await createTable('tokens');
  await createTable('receipts');
  await createTable('ledger', 'time');
});
afterAll(() => services.remove());

beforeEach(async () => {
  allow();
  const operator = services.dynamodb();
  for (const id of ['own', 'foreign'])
    await operator.send(
      new PutItemCommand({ TableName: 'tokens', Item: { id: { S: id }, secret: { S: 'x' } } }),
    );
  operator.destroy();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** Returns a client with the role `writer`, whose policy consists of these statements. */
function allow(...statements: PolicyStatement[]): DynamoDBClient {
  services.authorize = createAuthorizer({
    policies: {
      functions: new Map([
        [
          'writer',
          {
            sessionName: 'Writer',
            roleName: 'WriterRole',
            policies: [{ name: 'rights', policy: { Version: '2012-10-17', Statement: statements } }],
          },
        ],
      ]),
      services: new Map(),
      resources: new Map(),
    },
    implied: () => [],
    accessKeys: services.keys,
    region: 'us-east-1',
    accountId: ACCOUNT,
    clock: () => new Date(),
  });
  const client = services.dynamodb(services.keys.keyOf('role', 'writer'));
  clients.push(client);
  return client;
}

const may = (operation: string, condition?: Condition, ...resources: string[]): PolicyStatement => ({
  Effect: 'Allow',
  Action: `dynamodb:${operation}`,
  Resource: resources.length === 0 ? arn('tokens') : resources.map(arn),
  ...(condition && { Condition: condition }),
});

const leading = (...keys: string[]): Condition => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
});
const attributes = (...names: string[]): Condition => ({
  'ForAllValues:StringEquals': { 'dynamodb:Attributes': names },
});

const refused = (call: Promise<unknown>) =>
  expect(call).rejects.toMatchObject({
    name: 'AccessDeniedException',
    message: expect.stringContaining('because no identity-based policy allows the dynamodb:'),
  });
const allowed = (call: Promise<unknown>) => expect(call).resolves.toBeDefined();

const key = (id: string) => ({ id: { S: id } });
const put = (id: string, more: Partial<PutItemCommandInput> = {}) =>
  new PutItemCommand({ TableName: 'tokens', Item: key(id), ...more });

describe('dynamodb:LeadingKeys', () => {
  test('a condition on LeadingKeys restricts a role to items with its own partition key', async () => {
    const operations = ['PutItem', 'GetItem', 'UpdateItem', 'DeleteItem'];
    const client = allow(...operations.map((operation) => may(operation, leading('own'))));
    const calls = (id: string) => [
      client.send(put(id)),
      client.send(new GetItemCommand({ TableName: 'tokens', Key: key(id) })),
      client.send(
        new UpdateItemCommand({
          TableName: 'tokens',
          Key: key(id),
          UpdateExpression: 'SET a = :a',
          ExpressionAttributeValues: { ':a': { S: 'a' } },
        }),
      ),
      client.send(new DeleteItemCommand({ TableName: 'tokens', Key: key(id) })),
    ];
    for (const call of calls('own')) await allowed(call);
    for (const call of calls('foreign')) await refused(call);
  });

  test('LeadingKeys can match a pattern, and a wildcard in a key is treated as an ordinary character', async () => {
    const client = allow(may('PutItem', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'form#*' } }));
    await allowed(client.send(put('form#a')));
    for (const id of ['f', '*', 'form?', 'caller#a']) await refused(client.send(put(id)));
  });

  test('a batch read with one foreign key is denied completely, also if the key is in its second table', async () => {
    const client = allow(may('BatchGetItem', leading('own'), 'tokens', 'receipts'));
    const read = (tokens: string[], receipts: string[]) =>
      client.send(
        new BatchGetItemCommand({
          RequestItems: {
            tokens: { Keys: tokens.map(key) },
            receipts: { Keys: receipts.map(key) },
          },
        }),
      );
    await allowed(read(['own'], ['own']));
    await refused(read(['own', 'foreign'], ['own']));
    await refused(read(['own'], ['foreign']));
  });

  test('a batch write with one foreign key is denied completely', async () => {
    const client = allow(may('BatchWriteItem', leading('own', 'other')));
    const write = (put: string, remove: string) =>
      client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            tokens: [{ PutRequest: { Item: key(put) } }, { DeleteRequest: { Key: key(remove) } }],
          },
        }),
      );
    await allowed(write('own', 'other'));
    await refused(write('foreign', 'own'));
    await refused(write('own', 'foreign'));
  });

  test('LeadingKeys is the partition key that a query reads, in every syntax', async () => {
    const client = allow(may('Query', leading('own')));
    const query = (id: string, input: Partial<QueryCommandInput>) =>
      client.send(
        new QueryCommand({
          TableName: 'tokens',
          ...input,
          ...(input.KeyConditionExpression && { ExpressionAttributeValues: { ':v': { S: id } } }),
        }),
      );
    const ways = (id: string): Partial<QueryCommandInput>[] => [
      { KeyConditionExpression: 'id = :v' },
      { KeyConditionExpression: '#k = :v', ExpressionAttributeNames: { '#k': 'id' } },
      { KeyConditionExpression: ':v = id' },
      { KeyConditions: { id: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: id }] } } },
    ];
    for (const way of ways('own')) await allowed(query('own', way));
    for (const way of ways('foreign')) await refused(query('foreign', way));
    await refused(query('own', { KeyConditionExpression: 'other = :v' }));
  });

  test('LeadingKeys is the partition key of the index if a query uses an index', async () => {
    const client = allow(may('Query', leading('report.pdf'), 'ledger/index/byAsset', 'ledger'));
    const query = (input: Partial<QueryCommandInput>, value: string) =>
      client.send(
        new QueryCommand({
          TableName: 'ledger',
          ExpressionAttributeValues: { ':v': { S: value } },
          ...input,
        }),
      );
    const byAsset = { IndexName: 'byAsset', KeyConditionExpression: 'asset = :v' };
    await allowed(query(byAsset, 'report.pdf'));
    await refused(query(byAsset, 'other.pdf'));
    await refused(query({ KeyConditionExpression: 'id = :v' }, 'own'));
  });

  test('LeadingKeys does not include the sort key', async () => {
    const client = allow(may('PutItem', leading('own'), 'ledger'));
    const line = (id: string, time: string) =>
      client.send(new PutItemCommand({ TableName: 'ledger', Item: { id: { S: id }, time: { S: time } } }));
    await allowed(line('own', 'any'));
    await refused(line('any', 'own'));
  });

  test('a scan has no LeadingKeys, so ForAllValues is true', async () => {
    await allowed(allow(may('Scan', leading('own'))).send(new ScanCommand({ TableName: 'tokens' })));
    const present = { ...leading('own'), Null: { 'dynamodb:LeadingKeys': 'false' } };
    await refused(allow(may('Scan', present)).send(new ScanCommand({ TableName: 'tokens' })));
    await allowed(allow(may('PutItem', present)).send(put('own')));
  });

  test('each key gets its own decision, also if it is repeated', async () => {
    const client = allow(may('PutItem', leading('own')));
    for (const _round of [1, 2]) {
      await allowed(client.send(put('own')));
      await refused(client.send(put('foreign')));
    }
  });
});

describe('dynamodb:Attributes', () => {
  const text = (value: string) => ({ S: value });

  test('a condition on Attributes restricts a role to items with the listed attributes', async () => {
    const client = allow(may('PutItem', attributes('id', 'note')));
    await allowed(client.send(put('own', { Item: { ...key('own'), note: text('n') } })));
    await refused(client.send(put('own', { Item: { ...key('own'), note: text('n'), more: text('m') } })));
    await refused(client.send(put('own', { Item: JSON.parse('{"id":{"S":"own"},"__proto__":{"S":"p"}}') })));
  });

  test('Attributes includes those of all items in a batch, and those that a batch projects', async () => {
    const conditioned = attributes('id', 'note');
    const client = allow(may('BatchWriteItem', conditioned), may('BatchGetItem', conditioned));
    const write = (name: string) => {
      const puts = [key('a'), { ...key('b'), [name]: text('n') }].map((Item) => ({ PutRequest: { Item } }));
      return client.send(new BatchWriteItemCommand({ RequestItems: { tokens: puts } }));
    };
    await allowed(write('note'));
    await refused(write('secret'));
    const read = (ProjectionExpression: string) =>
      client.send(
        new BatchGetItemCommand({ RequestItems: { tokens: { Keys: [key('a')], ProjectionExpression } } }),
      );
    await allowed(read('note'));
    await refused(read('note, secret'));
  });

  test('Attributes includes the key attributes', async () => {
    await refused(allow(may('PutItem', attributes('note'))).send(put('own')));
    const query = new QueryCommand({
      TableName: 'ledger',
      KeyConditionExpression: 'id = :v',
      ExpressionAttributeValues: { ':v': text('own') },
    });
    await refused(allow(may('Query', attributes('id'), 'ledger')).send(query));
    await allowed(allow(may('Query', attributes('id', 'time'), 'ledger')).send(query));
  });

  test.each([
    ['SET note = :v', true],
    ['SET #note = :v', true],
    ['SET note.secret = :v', true],
    ['SET #secret = :v', false],
    ['SET note = :v REMOVE #secret', false],
    ['SET note = if_not_exists(secret, :v)', false],
    ['SET secret[0].note = :v', false],
    ['ADD secret :v', false],
  ])(
    'Attributes includes all attributes in the update "%s" (allowed: %s)',
    async (UpdateExpression, passes) => {
      const client = allow(may('UpdateItem', attributes('id', 'note')));
      const names = { '#note': 'note', '#secret': 'secret' };
      const used = Object.entries(names).filter(([name]) => UpdateExpression.includes(name));
      const call = client.send(
        new UpdateItemCommand({
          TableName: 'tokens',
          Key: key('own'),
          UpdateExpression,
          ...(used.length > 0 && { ExpressionAttributeNames: Object.fromEntries(used) }),
          ExpressionAttributeValues: { ':v': text('n') },
        }),
      );
      if (!passes) return await refused(call);
      // DynamoDB may still reject the update of a missing map. That is not a denial.
      await expect(
        call.then(
          () => 'allowed',
          (error: Error) => error.name,
        ),
      ).resolves.toMatch(/^(allowed|ValidationException)$/);
    },
  );

  test('Attributes includes those that a condition tests, so that callers cannot guess values', async () => {
    const client = allow(may('PutItem', attributes('id', 'note')));
    const on = (ConditionExpression: string) =>
      client.send(put('new', { ConditionExpression, ExpressionAttributeValues: { ':v': text('x') } }));
    await allowed(on('attribute_not_exists(note) OR note = :v'));
    await refused(on('attribute_not_exists(id) OR begins_with(secret, :v)'));
    await refused(client.send(put('new', { Expected: { secret: { Exists: false } } })));
  });

  test('Attributes includes those that a read projects or filters by, but not all that are returned', async () => {
    const conditioned = attributes('id', 'note');
    const client = allow(may('GetItem', conditioned), may('Scan', conditioned));
    const get = (ProjectionExpression?: string) =>
      client.send(
        new GetItemCommand({
          TableName: 'tokens',
          Key: key('own'),
          ...(ProjectionExpression && { ProjectionExpression }),
        }),
      );
    await allowed(get('id, note'));
    await refused(get('id, secret'));
    expect(await get()).toMatchObject({ Item: { secret: text('x') } });
    const scan = (FilterExpression: string) =>
      client.send(
        new ScanCommand({
          TableName: 'tokens',
          FilterExpression,
          ExpressionAttributeValues: { ':v': text('x') },
        }),
      );
    await allowed(scan('note = :v'));
    await refused(scan('secret = :v'));
  });
});

describe('dynamodb:ReturnValues', () => {
  test.each(['StringEquals', 'StringEqualsIfExists'])(
    'ReturnValues is NONE by default, for %s',
    async (operator) => {
      const none = { [operator]: { 'dynamodb:ReturnValues': 'NONE' } };
      const client = allow(may('PutItem', none), may('DeleteItem', none), may('UpdateItem', none));
      const one = { TableName: 'tokens', Key: key('own') };
      await allowed(client.send(put('own')));
      await allowed(client.send(put('own', { ReturnValues: 'NONE' })));
      await allowed(client.send(new UpdateItemCommand(one)));
      await allowed(client.send(new DeleteItemCommand(one)));
      await refused(client.send(put('own', { ReturnValues: 'ALL_OLD' })));
      for (const ReturnValues of ['ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'] as const) {
        await refused(client.send(new UpdateItemCommand({ ...one, ReturnValues })));
      }
      await refused(client.send(new DeleteItemCommand({ ...one, ReturnValues: 'ALL_OLD' })));
    },
  );

  test('a read has no ReturnValues', async () => {
    const get = new GetItemCommand({ TableName: 'tokens', Key: key('own') });
    const values = { 'dynamodb:ReturnValues': 'NONE' };
    await allowed(allow(may('GetItem', { StringEqualsIfExists: values })).send(get));
    await refused(allow(may('GetItem', { StringEquals: values })).send(get));
  });
});

describe('dynamodb:Select', () => {
  const specific = { StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' } };

  test('Select is SPECIFIC_ATTRIBUTES only for a read with a projection', async () => {
    const client = allow(...['GetItem', 'BatchGetItem', 'Query', 'Scan'].map((name) => may(name, specific)));
    const reads = (projection: { ProjectionExpression?: string }) => [
      client.send(new GetItemCommand({ TableName: 'tokens', Key: key('own'), ...projection })),
      client.send(
        new BatchGetItemCommand({ RequestItems: { tokens: { Keys: [key('own')], ...projection } } }),
      ),
      client.send(
        new QueryCommand({
          TableName: 'tokens',
          KeyConditionExpression: 'id = :v',
          ExpressionAttributeValues: { ':v': { S: 'own' } },
          ...projection,
        }),
      ),
      client.send(new ScanCommand({ TableName: 'tokens', ...projection })),
    ];
    for (const read of reads({ ProjectionExpression: 'id' })) await allowed(read);
    for (const read of reads({})) await refused(read);
    await refused(client.send(new ScanCommand({ TableName: 'tokens', Select: 'SPECIFIC_ATTRIBUTES' })));
  });

  test('Select is the value in the request, or by default all attributes in the index', async () => {
    const select = (value: string) => ({ StringEquals: { 'dynamodb:Select': value } });
    const scan = (input: object) => new ScanCommand({ TableName: 'tokens', ...input });
    const all = allow(may('Scan', select('ALL_PROJECTED_ATTRIBUTES'), 'tokens/index/byAsset'));
    await allowed(all.send(scan({ IndexName: 'byAsset' })));
    await refused(all.send(scan({ IndexName: 'byAsset', Select: 'COUNT' })));
    await allowed(allow(may('Scan', select('COUNT'))).send(scan({ Select: 'COUNT' })));
  });

  test('a write has no Select', async () => {
    await refused(allow(may('PutItem', specific)).send(put('own')));
    const ifGiven = { StringEqualsIfExists: specific.StringEquals };
    await allowed(allow(may('PutItem', ifGiven)).send(put('own')));
  });
});

test('a statement with several conditions applies only if all of them are true', async () => {
  const client = allow(
    may('PutItem', {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'own', 'dynamodb:Attributes': ['id', 'note'] },
      StringEqualsIfExists: { 'dynamodb:ReturnValues': 'NONE', 'dynamodb:ReturnConsumedCapacity': 'NONE' },
    }),
  );
  await allowed(client.send(put('own')));
  await refused(client.send(put('foreign')));
  await refused(client.send(put('own', { Item: { ...key('own'), secret: { S: 's' } } })));
  await refused(client.send(put('own', { ReturnValues: 'ALL_OLD' })));
  await refused(client.send(put('own', { ReturnConsumedCapacity: 'TOTAL' })));
});

test('a malformed request is rejected before its rights are checked', async () => {
  const client = allow(may('PutItem'));
  const Item = ['own'] as unknown as PutItemCommandInput['Item'];
  const call = client.send(put('own', { Item, Expected: 'none' as unknown as Record<string, never> }));
  await expect(call).rejects.toMatchObject({
    name: 'SerializationException',
    message: 'The parameters are malformed.',
  });
});

test('an index name in a request without that parameter does not change the resource', async () => {
  const client = allow(may('GetItem', undefined, 'tokens/index/byAsset'));
  const get = { TableName: 'tokens', Key: key('own'), IndexName: 'byAsset' };
  await refused(client.send(new GetItemCommand(get)));
});

test('transactions and PartiQL are denied even to a role with all rights', async () => {
  const client = allow({ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' });
  const denied = { name: 'AccessDeniedException', message: expect.stringContaining('cannot evaluate it') };
  const Put = { TableName: 'tokens', Item: key('own') };
  await expect(
    client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })),
  ).rejects.toMatchObject(denied);
  await expect(
    client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM tokens' })),
  ).rejects.toMatchObject(denied);
});
