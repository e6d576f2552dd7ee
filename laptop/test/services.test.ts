import { once } from 'node:events';
import { connect } from 'node:net';
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { SendEmailCommand } from '@aws-sdk/client-ses';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ALLOWED, allowAll, type Decision } from '../src/access.ts';
import { readInbox } from '../src/inbox.ts';
import { LocalServices } from './support/local-services.ts';
import { signedCall } from './support/signed-fetch.ts';

let services: LocalServices;
beforeEach(async () => {
  services = new LocalServices();
  await services.start();
});
afterEach(() => services.remove());

const TABLE = 'tokens';
const createTable = () =>
  services.dynamodb().send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
const item = { id: { S: 'a' } };
const createQueue = () => services.sqs().send(new CreateQueueCommand({ QueueName: 'mails' }));
const queueUrl = (): string => `${services.urlOf('sqs')}/000000000000/mails`;
const mail = {
  Source: 'files@example.com',
  Destination: { ToAddresses: ['ada@example.com'] },
  ConfigurationSetName: 'rules',
  Message: { Subject: { Data: 'Grüße' }, Body: { Text: { Data: 'text' }, Html: { Data: '<b>html</b>' } } },
};

describe('DynamoDB', () => {
  test('a signed request succeeds', async () => {
    await createTable();
    await services.dynamodb().send(new PutItemCommand({ TableName: TABLE, Item: item }));
    const { Item } = await services.dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: item }));
    expect(Item).toEqual(item);
  });

  test('tables survive a restart', async () => {
    await createTable();
    await services.dynamodb().send(new PutItemCommand({ TableName: TABLE, Item: item }));
    await services.stop();
    await services.start();
    const { Item } = await services.dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: item }));
    expect(Item).toEqual(item);
  });

  test('a write that is being authorized while DynamoDB stops is not lost', async () => {
    await createTable();
    const authorizing = Promise.withResolvers<void>();
    const decided = Promise.withResolvers<Decision>();
    services.authorize = () => {
      authorizing.resolve();
      return decided.promise;
    };
    const written = services
      .dynamodb()
      .send(new PutItemCommand({ TableName: TABLE, Item: item }))
      .catch(() => undefined);
    await authorizing.promise;
    const stopped = services.stop();
    decided.resolve(ALLOWED);
    await Promise.all([stopped, written]);
    services.authorize = allowAll;
    await services.start();
    const { Item } = await services.dynamodb().send(new GetItemCommand({ TableName: TABLE, Key: item }));
    expect(Item).toEqual(item);
  });

  test('exactly one of many conditional deletes succeeds', async () => {
    await createTable();
    await services.dynamodb().send(new PutItemCommand({ TableName: TABLE, Item: item }));
    const ConditionExpression = 'attribute_exists(id)';
    const command = () => new DeleteItemCommand({ TableName: TABLE, Key: item, ConditionExpression });
    const client = services.dynamodb();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => client.send(command())));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('DynamoDB keeps working after a client disconnects in the middle of a body', async () => {
    await createTable();
    const { hostname, port } = new URL(services.urlOf('dynamodb'));
    const socket = connect(Number(port), hostname);
    const written = Promise.withResolvers<void>();
    socket.write(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-amz-json-1.0\r\n' +
        'X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 100\r\n\r\n{"half":',
      () => written.resolve(),
    );
    await written.promise;
    socket.resetAndDestroy();
    await once(socket, 'close');
    const { TableNames } = await services.dynamodb().send(new ListTablesCommand());
    expect(TableNames).toEqual([TABLE]);
  });

  test.each([
    ['PutItem', () => new PutItemCommand({ TableName: TABLE, Item: item }), [`table/${TABLE}`]],
    [
      'BatchGetItem',
      () => new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [item] }, other: { Keys: [item] } } }),
      [`table/${TABLE}`, 'table/other'],
    ],
    [
      'Query',
      () =>
        new QueryCommand({
          TableName: TABLE,
          IndexName: 'byAsset',
          KeyConditionExpression: 'asset = :a',
          ExpressionAttributeValues: { ':a': { S: 'x' } },
        }),
      [`table/${TABLE}/index/byAsset`],
    ],
  ])('permission for %s is required on each table or index', async (action, command, resources) => {
    await createTable();
    services.authorizations.length = 0;
    await services
      .dynamodb()
      .send(command() as PutItemCommand)
      .catch(() => undefined);
    expect(services.authorizations).toEqual(
      resources.map((resource) =>
        expect.objectContaining({
          accessKeyId: services.operator.accessKeyId,
          action: `dynamodb:${action}`,
          resource: `arn:aws:dynamodb:us-east-1:000000000000:${resource}`,
        }),
      ),
    );
  });
});

describe('SQS', () => {
  test('signed requests can send and receive messages', async () => {
    await createQueue();
    await services.sqs().send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: 'hello' }));
    const { Messages } = await services.sqs().send(new ReceiveMessageCommand({ QueueUrl: queueUrl() }));
    expect(Messages).toEqual([expect.objectContaining({ Body: 'hello' })]);
  });

  test('a batch requires the same permission as a single message', async () => {
    await createQueue();
    services.authorizations.length = 0;
    const Entries = [{ Id: '1', MessageBody: 'x' }];
    await services.sqs().send(new SendMessageBatchCommand({ QueueUrl: queueUrl(), Entries }));
    expect(services.authorizations).toEqual([
      expect.objectContaining({
        action: 'sqs:SendMessage',
        resource: 'arn:aws:sqs:us-east-1:000000000000:mails',
      }),
    ]);
  });

  test.each([
    ['application/json', 'AmazonSQS.ListQueues'],
    ['application/x-amz-json-1.1', 'AmazonSQS.ListQueues'],
    ['application/x-amz-json-1.0', 'SQS.ListQueues'],
  ])('a call with content type %s and target %s is unknown, as on AWS', async (contentType, target) => {
    const key = { ...services.operator, region: 'us-east-1' };
    const headers = { 'content-type': contentType, 'x-amz-target': target };
    const response = await signedCall(
      key,
      { service: 'sqs', url: services.urlOf('sqs') },
      'POST',
      {},
      headers,
    );
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { __type: 'UnknownOperationException' },
    ]);
  });

  test('SQS stops immediately even if a client is waiting for messages', async () => {
    await createQueue();
    services.authorizations.length = 0;
    const waiting = services
      .sqs()
      .send(new ReceiveMessageCommand({ QueueUrl: queueUrl(), WaitTimeSeconds: 20 }))
      .catch(() => 'ended');
    await until(() => services.authorizations.length > 0);
    await services.stop();
    expect(await waiting).toBe('ended');
  });
});

describe('SES', () => {
  test('the inbox is empty after a restart in the same process', async () => {
    await services.ses().send(new SendEmailCommand(mail));
    await services.stop();
    await services.start();
    expect(await readInbox(services.urlOf('ses'))).toEqual([]);
  });

  test('the inbox can be read with unsigned requests', async () => {
    await services.ses().send(new SendEmailCommand(mail));
    const mails = await readInbox(services.urlOf('ses'));
    expect(mails.at(-1)).toMatchObject({
      subject: 'Grüße',
      destination: { to: ['ada@example.com'] },
      body: { text: 'text', html: '<b>html</b>' },
    });
    const page = await fetch(services.urlOf('ses'));
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  test('sending an e-mail requires permissions on the sender and the configuration set', async () => {
    await services.ses().send(new SendEmailCommand(mail));
    const prefix = 'arn:aws:ses:us-east-1:000000000000';
    expect(services.authorizations).toEqual([
      expect.objectContaining({ action: 'ses:SendEmail', resource: `${prefix}:identity/files@example.com` }),
      expect.objectContaining({ action: 'ses:SendEmail', resource: `${prefix}:configuration-set/rules` }),
    ]);
  });
});

describe('DynamoDB, SQS, and SES', () => {
  const calls = () =>
    [
      ['dynamodb', (key = services.operator) => services.dynamodb(key).send(new ListTablesCommand())],
      [
        'sqs',
        (key = services.operator) =>
          services.sqs(key).send(new SendMessageCommand({ QueueUrl: queueUrl(), MessageBody: 'x' })),
      ],
      ['ses', (key = services.operator) => services.ses(key).send(new SendEmailCommand(mail))],
    ] as const;

  test('a caller with a wrong secret is rejected by every service', async () => {
    await createQueue();
    for (const [, call] of calls()) {
      await expect(call({ ...services.operator, secretAccessKey: 'x' })).rejects.toMatchObject({
        name: 'InvalidSignatureException',
      });
    }
  });

  test('an unknown caller is rejected by every service', async () => {
    await createQueue();
    for (const [, call] of calls()) {
      await expect(call({ accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' })).rejects.toMatchObject({
        name: 'UnrecognizedClientException',
      });
    }
  });

  test('an unsigned request is rejected by every service', async () => {
    for (const [service] of calls()) {
      const { status } = await fetch(services.urlOf(service), { method: 'POST', body: '{}' });
      expect(status).toBeGreaterThanOrEqual(400);
    }
  });

  test('no service listens on loopback addresses other than 127.0.0.1', async () => {
    for (const [service] of calls()) {
      const { hostname, port } = new URL(services.urlOf(service));
      expect(hostname).toBe('127.0.0.1');
      // A connection to this loopback address would succeed if the service listened on all interfaces.
      const socket = connect(Number(port), '127.0.0.2');
      await expect(once(socket, 'connect')).rejects.toBeDefined();
    }
  });
});

/** Runs the event loop until a condition is true. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
