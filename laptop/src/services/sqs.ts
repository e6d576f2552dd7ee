import { buildApp } from 'fauxqs';
import { z } from 'zod';
import { type Denial, denialMessage } from '../access.ts';
import type { RunningService } from '../loopback-server.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { type Ask, type Callers, type ProxiedService, startAuthProxy } from './auth-proxy.ts';
import { callEmulator, inside, type Upstream } from './emulator.ts';
import { jsonObject, refuseJson, targetOperation } from './json-protocol.ts';

/** Fits a message of 1 MiB in JSON. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The account ID that fauxqs uses for every caller. */
export const SQS_ACCOUNT = '000000000000';

/** The queues, running. */
export interface RunningSqs extends RunningService {
  /** Sends a message for another service, which has to ask IAM itself. Resolves to undefined if SQS refuses it. */
  sendMessage(queueUrl: string, body: string): Promise<unknown>;
}

/**
 * Starts an SQS that keeps its queues in memory. fauxqs can keep them on disk, but then it listens on every network
 * interface.
 */
export async function startSqs(
  { port, region }: { readonly port: number; readonly region: string },
  callers: Callers,
): Promise<RunningSqs> {
  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  const ask = inside(app.server);
  const emulator = { ask, endWaits: () => deleteQueues(ask), close: () => app.close() };
  return {
    ...(await startAuthProxy(sqs(region), port, emulator, callers)),
    sendMessage: (QueueUrl, MessageBody) =>
      callEmulator(ask, 'AmazonSQS.SendMessage', JSON.stringify({ QueueUrl, MessageBody })),
  };
}

/** Deletes all queues. That ends their long polls, and no poll can begin without a queue. */
async function deleteQueues(fauxqs: Upstream): Promise<void> {
  const { QueueUrls } = Queues.parse(await callEmulator(fauxqs, 'AmazonSQS.ListQueues', '{}'));
  for (const QueueUrl of QueueUrls) {
    await callEmulator(fauxqs, 'AmazonSQS.DeleteQueue', JSON.stringify({ QueueUrl }));
  }
}

const Queues = z.object({ QueueUrls: z.array(z.string()).default([]) });

const sqs = (region: string): ProxiedService => ({
  name: 'sqs',
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseJson,
  worded,
  asks: (request, body) =>
    asked(request.headers['x-amz-target'], body, `arn:aws:sqs:${region}:${SQS_ACCOUNT}`),
});

/**
 * Words a denial as SQS does: its own actions in lower case, and a separate code if the key is denied.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
 */
function worded(denial: Denial): AwsError {
  const message = denialMessage(denial);
  if (denial.action.startsWith('kms:')) return { code: 'KmsAccessDenied', message };
  return {
    code: 'AccessDeniedException',
    message: message.replaceAll(denial.action, denial.action.toLowerCase()),
  };
}

function asked(target: string | readonly string[] | undefined, body: Buffer, prefix: string): readonly Ask[] {
  const operation = targetOperation(target);
  if (operation === '') return [];
  const { QueueUrl, QueueName } = jsonObject(body);
  const name = typeof QueueUrl === 'string' ? QueueUrl.split('/').at(-1) : QueueName;
  // IAM has one action for an operation and its batch.
  const action = `sqs:${operation.replace(/Batch$/, '')}`;
  return [{ action, resource: typeof name === 'string' ? `${prefix}:${name}` : '*' }];
}
