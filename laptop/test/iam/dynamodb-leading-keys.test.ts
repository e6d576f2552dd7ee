import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { describe, test } from '@jest/globals';
import { allowed, denied, key, leading, may, put, restrictedWriter } from '../support/dynamodb-writer.ts';

const allow = restrictedWriter();

describe('dynamodb:LeadingKeys', () => {
  test('a condition on LeadingKeys restricts a role to items with the listed partition key', async () => {
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
    for (const call of calls('foreign')) await denied(call);
  });

  test('LeadingKeys can match a pattern, and a wildcard in a key is treated as an ordinary character', async () => {
    const client = allow(may('PutItem', { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'form#*' } }));
    await allowed(client.send(put('form#a')));
    for (const id of ['f', '*', 'form?', 'caller#a']) await denied(client.send(put(id)));
  });

  test('a batch read is denied entirely if one key is not allowed, even if the key is in the second table', async () => {
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
    await denied(read(['own', 'foreign'], ['own']));
    await denied(read(['own'], ['foreign']));
  });

  test('a batch write is denied entirely if one key is not allowed', async () => {
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
    await denied(write('foreign', 'own'));
    await denied(write('own', 'foreign'));
  });

  test('LeadingKeys is the partition key that a query reads, whichever syntax the query uses', async () => {
    const client = allow(may('Query', leading('own')));
    const query = (id: string, input: Partial<QueryCommandInput>) =>
      client.send(
        new QueryCommand({
          TableName: 'tokens',
          ...input,
          ExpressionAttributeValues: { ':v': { S: id } },
        }),
      );
    const ways: readonly Partial<QueryCommandInput>[] = [
      { KeyConditionExpression: 'id = :v' },
      { KeyConditionExpression: '#k = :v', ExpressionAttributeNames: { '#k': 'id' } },
      { KeyConditionExpression: ':v = id' },
    ];
    for (const way of ways) {
      await allowed(query('own', way));
      await denied(query('foreign', way));
    }
    await denied(query('own', { KeyConditionExpression: 'other = :v' }));
  });

  test("LeadingKeys is the index's partition key if a query uses an index", async () => {
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
    await denied(query(byAsset, 'other.pdf'));
    await denied(query({ KeyConditionExpression: 'id = :v' }, 'own'));
  });

  test('LeadingKeys does not include the sort key', async () => {
    const client = allow(may('PutItem', leading('own'), 'ledger'));
    const line = (id: string, time: string) =>
      client.send(new PutItemCommand({ TableName: 'ledger', Item: { id: { S: id }, time: { S: time } } }));
    await allowed(line('own', 'any'));
    await denied(line('any', 'own'));
  });

  test('a scan has no LeadingKeys, so a ForAllValues condition is true', async () => {
    await allowed(allow(may('Scan', leading('own'))).send(new ScanCommand({ TableName: 'tokens' })));
    const present = { ...leading('own'), Null: { 'dynamodb:LeadingKeys': 'false' } };
    await denied(allow(may('Scan', present)).send(new ScanCommand({ TableName: 'tokens' })));
    await allowed(allow(may('PutItem', present)).send(put('own')));
  });

  test('each key gets its own decision, even if requests alternate between keys', async () => {
    const client = allow(may('PutItem', leading('own')));
    for (const _round of [1, 2]) {
      await allowed(client.send(put('own')));
      await denied(client.send(put('foreign')));
    }
  });
});
