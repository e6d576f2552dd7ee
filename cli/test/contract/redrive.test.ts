import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newTokenId } from '../../../lambda/domain/ids.ts';
import type { RunningService } from '../../../laptop/src/loopback-server.ts';
import { afterwards } from '../../../laptop/test/support/afterwards.ts';
import { LocalServices } from '../../../laptop/test/support/local-services.ts';
import { startFaultProxy } from '../../../test/support/fault-proxy.ts';
import { look } from '../../redrive/look.ts';
import { moveBack } from '../../redrive/move.ts';
import type { QueueAccess } from '../../redrive/queues.ts';
import { createQueues } from '../support/queue-access.ts';

const services = new LocalServices();
let sqs: SQSClient;
let access: QueueAccess;

beforeAll(async () => {
  await services.start();
  sqs = services.sqs();
});
afterAll(async () => {
  sqs.destroy();
  await services.remove();
});
beforeEach(async () => {
  access = await createQueues(sqs);
});

const later = afterwards();

/** Returns an SQS client that sends its calls through a proxy. */
function through(proxy: RunningService): SQSClient {
  const { credentials } = sqs.config;
  const cut = new SQSClient({ endpoint: proxy.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  later(proxy.close);
  later(() => cut.destroy());
  return cut;
}

async function fail(...tokenIds: readonly string[]): Promise<void> {
  for (const tokenId of tokenIds) {
    const MessageBody = JSON.stringify({ tokenId });
    await sqs.send(new SendMessageCommand({ QueueUrl: access.pair.deadLetters, MessageBody }));
  }
}

async function counted(QueueUrl: string): Promise<number> {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
  );
  return Number(Attributes?.ApproximateNumberOfMessages);
}

/** Receives all messages in a queue, and returns the IDs of their links. */
async function received(QueueUrl: string): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
    );
    if (Messages.length === 0) return bodies.map((body) => JSON.parse(body).tokenId).toSorted();
    bodies.push(...Messages.map(({ Body = '' }) => Body));
  }
}

describe('redriving', () => {
  test('finds nothing to list or move in an empty queue', async () => {
    expect(await look(access)).toEqual({ count: 0, letters: [] });
    expect(await moveBack(access, () => undefined)).toBe(0);
  });

  test('lists messages with their links and times, and leaves them in the queue', async () => {
    const ids = [newTokenId('form'), newTokenId('form')];
    const from = Date.now();
    await fail(...ids);
    const seen = await look(access);
    expect(seen.count).toBe(2);
    expect(seen.letters.map(({ tokenId }) => tokenId).toSorted()).toEqual(ids.toSorted());
    expect(seen.letters).toMatchObject([{ received: 1 }, { received: 1 }]);
    expect(Date.parse(seen.letters[0]?.sentAt ?? '')).toBeGreaterThanOrEqual(from);
    expect(Date.parse(seen.letters[0]?.sentAt ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await counted(access.pair.deadLetters)).toBe(2);
    expect(await counted(access.pair.queue)).toBe(0);
  });

  test('moves all messages, even if they need more than one batch', async () => {
    const ids = Array.from({ length: 23 }, () => newTokenId('form'));
    await fail(...ids);
    const progress: number[] = [];
    expect(await moveBack(access, (moved) => progress.push(moved))).toBe(23);
    expect(progress.at(-1)).toBe(23);
    expect(await received(access.pair.queue)).toEqual(ids.toSorted());
    expect(await received(access.pair.deadLetters)).toEqual([]);
  });

  test('leaves a message in both queues, instead of losing it, if the move is stopped halfway', async () => {
    const ids = [newTokenId('form'), newTokenId('form')];
    await fail(...ids);
    const proxy = await startFaultProxy(services.urlOf('sqs'), (target) =>
      target.endsWith('DeleteMessageBatch')
        ? { fate: 'answer', status: 403, body: '{"__type":"AccessDeniedException"}' }
        : { fate: 'pass' },
    );
    const cut = through(proxy);
    await expect(moveBack({ ...access, sqs: cut }, () => undefined)).rejects.toThrow();
    expect(await received(access.pair.queue)).toEqual(ids.toSorted());
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: access.pair.deadLetters, AttributeNames: ['All'] }),
    );
    expect(Attributes?.ApproximateNumberOfMessagesNotVisible).toBe('2');
  });

  test('leaves messages where they are if the queue rejects them', async () => {
    await fail(newTokenId('form'), newTokenId('form'));
    const proxy = await startFaultProxy(services.urlOf('sqs'), (target) =>
      target.endsWith('SendMessageBatch')
        ? {
            fate: 'answer',
            status: 200,
            body: JSON.stringify({ Successful: [], Failed: [{ Id: '0', Code: 'KmsThrottled' }] }),
          }
        : { fate: 'pass' },
    );
    const cut = through(proxy);
    await expect(moveBack({ ...access, sqs: cut }, () => undefined)).rejects.toThrow(
      'SQS rejected 2 messages (KmsThrottled). Moved so far: 0.',
    );
    expect(await received(access.pair.queue)).toEqual([]);
  });
});
