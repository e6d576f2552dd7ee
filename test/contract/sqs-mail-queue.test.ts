import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildApp } from 'fauxqs';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { SqsMailQueue } from '../../lambda/adapters/sqs-mail-queue.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { newTokenId } from '../../lambda/domain/ids.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

const app = buildApp({ logger: false });
let url: string;
let queueUrl: string;

const later = afterwards();

function connect(endpoint: string): SQSClient {
  const client = new SQSClient({
    ...clientSettings,
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  later(() => client.destroy());
  return client;
}

beforeAll(async () => {
  url = await app.listen({ port: 0, host: '127.0.0.1' });
});
beforeEach(async () => {
  const { QueueUrl } = await connect(url).send(new CreateQueueCommand({ QueueName: 'mail' }));
  queueUrl = QueueUrl ?? '';
});
afterAll(() => app.close());

test('a queued message holds the token id and nothing else', async () => {
  const client = connect(url);
  const tokenId = newTokenId('form');
  await new SqsMailQueue(client, queueUrl).send(tokenId);
  const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages?.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([{ tokenId }]);
});

test('the mail queue throws Unavailable when it cannot be reached', async () => {
  const proxy = await startFaultProxy(url, () => ({ fate: 'lose-request' }));
  later(proxy.close);
  const client = connect(proxy.url);
  await expect(new SqsMailQueue(client, queueUrl).send(newTokenId('form'))).rejects.toBeInstanceOf(
    Unavailable,
  );
});
