import {
  BatchGetItemCommand,
  DeleteItemCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { allowed, denied, key, may, put, restrictedWriter } from '../support/dynamodb-writer.ts';

const allow = restrictedWriter();

describe('dynamodb:ReturnValues', () => {
  test.each(['StringEquals', 'StringEqualsIfExists'])(
    'ReturnValues is NONE by default for %s',
    async (operator) => {
      const none = { [operator]: { 'dynamodb:ReturnValues': 'NONE' } };
      const client = allow(may('PutItem', none), may('DeleteItem', none), may('UpdateItem', none));
      const one = { TableName: 'tokens', Key: key('own') };
      await allowed(client.send(put('own')));
      await allowed(client.send(put('own', { ReturnValues: 'NONE' })));
      await allowed(client.send(new UpdateItemCommand(one)));
      await allowed(client.send(new DeleteItemCommand(one)));
      await denied(client.send(put('own', { ReturnValues: 'ALL_OLD' })));
      for (const ReturnValues of ['ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'] as const) {
        await denied(client.send(new UpdateItemCommand({ ...one, ReturnValues })));
      }
      await denied(client.send(new DeleteItemCommand({ ...one, ReturnValues: 'ALL_OLD' })));
    },
  );

  test('a read has no ReturnValues', async () => {
    const get = new GetItemCommand({ TableName: 'tokens', Key: key('own') });
    const values = { 'dynamodb:ReturnValues': 'NONE' };
    await allowed(allow(may('GetItem', { StringEqualsIfExists: values })).send(get));
    await denied(allow(may('GetItem', { StringEquals: values })).send(get));
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
    for (const read of reads({})) await denied(read);
    await denied(client.send(new ScanCommand({ TableName: 'tokens', Select: 'SPECIFIC_ATTRIBUTES' })));
  });

  test('Select is the value in the request, and defaults to ALL_PROJECTED_ATTRIBUTES for an index', async () => {
    const select = (value: string) => ({ StringEquals: { 'dynamodb:Select': value } });
    const scan = (input: object) => new ScanCommand({ TableName: 'tokens', ...input });
    const all = allow(may('Scan', select('ALL_PROJECTED_ATTRIBUTES'), 'tokens/index/byAsset'));
    await allowed(all.send(scan({ IndexName: 'byAsset' })));
    await denied(all.send(scan({ IndexName: 'byAsset', Select: 'COUNT' })));
    await allowed(allow(may('Scan', select('COUNT'))).send(scan({ Select: 'COUNT' })));
  });

  test('a write has no Select', async () => {
    await denied(allow(may('PutItem', specific)).send(put('own')));
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
  await denied(client.send(put('foreign')));
  await denied(client.send(put('own', { Item: { ...key('own'), secret: { S: 's' } } })));
  await denied(client.send(put('own', { ReturnValues: 'ALL_OLD' })));
  await denied(client.send(put('own', { ReturnConsumedCapacity: 'TOTAL' })));
});

test('a malformed request, or one with a legacy parameter, is rejected before permissions are checked', async () => {
  const client = allow(may('PutItem'));
  const TableName = 'tokens';
  const one = { TableName, Key: key('own') };
  const filter = { secret: { ComparisonOperator: 'NULL' } } as const;
  const calls = [
    client.send(put('own', { ConditionExpression: 7 as unknown as string })),
    client.send(put('own', { Expected: { secret: { Exists: false } } })),
    client.send(new GetItemCommand({ ...one, AttributesToGet: ['secret'] })),
    client.send(new UpdateItemCommand({ ...one, AttributeUpdates: { secret: { Action: 'DELETE' } } })),
    client.send(new QueryCommand({ TableName, KeyConditions: filter })),
    client.send(new QueryCommand({ TableName, QueryFilter: filter })),
    client.send(new ScanCommand({ TableName, ScanFilter: filter })),
  ];
  const error = { name: 'SerializationException', message: 'The parameters are malformed.' };
  await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(error)));
});

test('an index name in a GetItem does not change the resource, because GetItem has no such parameter', async () => {
  const client = allow(may('GetItem', undefined, 'tokens/index/byAsset'));
  const get = { TableName: 'tokens', Key: key('own'), IndexName: 'byAsset' };
  await denied(client.send(new GetItemCommand(get)));
});

test('transactions and PartiQL are denied even to a role with all permissions', async () => {
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
