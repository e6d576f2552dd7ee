import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { allowed, attributes, denied, key, may, put, restrictedWriter } from '../support/dynamodb-writer.ts';

const allow = restrictedWriter();

describe('dynamodb:Attributes', () => {
  const text = (value: string) => ({ S: value });

  test('a condition on Attributes restricts a role to items that contain only the listed attributes', async () => {
    const client = allow(may('PutItem', attributes('id', 'note')));
    await allowed(client.send(put('own', { Item: { ...key('own'), note: text('n') } })));
    await denied(client.send(put('own', { Item: { ...key('own'), note: text('n'), more: text('m') } })));
    await denied(client.send(put('own', { Item: JSON.parse('{"id":{"S":"own"},"__proto__":{"S":"p"}}') })));
  });

  test('Attributes includes the attributes of all items in a batch, and the attributes that the batch projects', async () => {
    const conditioned = attributes('id', 'note');
    const client = allow(may('BatchWriteItem', conditioned), may('BatchGetItem', conditioned));
    const write = (name: string) => {
      const puts = [key('a'), { ...key('b'), [name]: text('n') }].map((Item) => ({ PutRequest: { Item } }));
      return client.send(new BatchWriteItemCommand({ RequestItems: { tokens: puts } }));
    };
    await allowed(write('note'));
    await denied(write('secret'));
    const read = (ProjectionExpression: string) =>
      client.send(
        new BatchGetItemCommand({ RequestItems: { tokens: { Keys: [key('a')], ProjectionExpression } } }),
      );
    await allowed(read('note'));
    await denied(read('note, secret'));
  });

  test('Attributes includes the key attributes', async () => {
    await denied(allow(may('PutItem', attributes('note'))).send(put('own')));
    const query = new QueryCommand({
      TableName: 'ledger',
      KeyConditionExpression: 'id = :v',
      ExpressionAttributeValues: { ':v': text('own') },
    });
    await denied(allow(may('Query', attributes('id'), 'ledger')).send(query));
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
      if (!passes) return await denied(call);
      // DynamoDB may still reject an update of a missing map, but that is not a denial.
      await expect(
        call.then(
          () => 'allowed',
          (error: Error) => error.name,
        ),
      ).resolves.toMatch(/^(allowed|ValidationException)$/);
    },
  );

  test('Attributes includes the attributes that a condition tests, so that callers cannot guess their values', async () => {
    const client = allow(may('PutItem', attributes('id', 'note')));
    const on = (ConditionExpression: string) =>
      client.send(put('new', { ConditionExpression, ExpressionAttributeValues: { ':v': text('x') } }));
    await allowed(on('attribute_not_exists(note) OR note = :v'));
    await denied(on('attribute_not_exists(id) OR begins_with(secret, :v)'));
  });

  test('Attributes includes the attributes that a read projects or filters by, but not the other attributes that it returns', async () => {
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
    await denied(get('id, secret'));
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
    await denied(scan('secret = :v'));
  });
});
