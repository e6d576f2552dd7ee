import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { buildApp } from 'fauxqs';
import { JsonService } from '../../lambda/adapters/json-service.ts';
import { SqsMailQueue } from '../../lambda/adapters/sqs-mail-queue.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import { newLinkId, newTokenId } from '../../lambda/domain/ids.ts';
import { afterwards } from '../../laptop/test/support/afterwards.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';

const app = buildApp({ logger: false });
let url: string;
let queueUrl: string;

const later = afterwards();

function connect(endpoint: string): SQSClient {
  const client = new SQSClient({
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

function mailQueue(url: string): SqsMailQueue {
  const service = new JsonService({
    service: 'sqs',
    url,
    target: 'AmazonSQS',
    version: '1.0',
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  later(() => service.destroy());
  return new SqsMailQueue(service, queueUrl);
}

test('a queued message contains the token ID and nothing else', async () => {
  const tokenId = newTokenId('form');
  await mailQueue(url).send(tokenId);
  const { Messages } = await connect(url).send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages?.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([{ tokenId }]);
});

test('a queued message about an upload link contains the link ID and the kind of e-mail', async () => {
  const linkId = newLinkId();
  await mailQueue(url).sendLinkMail(linkId, 'invite');
  const { Messages } = await connect(url).send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(JSON.parse(Messages?.[0]?.Body ?? '')).toEqual({ tokenId: linkId, kind: 'invite' });
});

test('the mail queue throws Unavailable when it cannot be reached', async () => {
  const proxy = await startFaultProxy(url, () => ({ fate: 'lose-request' }));
  later(proxy.close);
  await expect(mailQueue(proxy.url).send(newTokenId('form'))).rejects.toBeInstanceOf(Unavailable);
});
