import { buildApp } from 'fauxqs';
import { z } from 'zod';
import { type Denial, denialMessage } from '../access.ts';
import type { RunningService } from '../loopback-server.ts';
import type { AwsError } from '../sigv4/signature-failure.ts';
import { type Callers, type ProxiedService, type RequiredPermission, startAuthProxy } from './auth-proxy.ts';
import { callEmulator, inside, type Upstream } from './emulator.ts';
import { jsonObject, protocolError, refuseJson, targetOperation } from './json-protocol.ts';

/** Maximum size of a request in bytes. Large enough for a message of 1 MiB in JSON. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The account ID that fauxqs uses for every caller. */
export const SQS_ACCOUNT = '000000000000';

export interface RunningSqs extends RunningService {
  /**
   * Sends a message on behalf of another service, which must check the permissions itself. Resolves to undefined if SQS
   * rejects the message.
   */
  sendMessage(queueUrl: string, body: string): Promise<unknown>;
}

/**
 * Starts a local SQS that keeps its queues in memory. fauxqs can keep them on disk, but only if it listens on all
 * network interfaces.
 */
export async function startSqs(
  { port, region }: { readonly port: number; readonly region: string },
  callers: Callers,
): Promise<RunningSqs> {
  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  const send = inside(app.server);
  const emulator = { send, endWaits: () => deleteQueues(send), close: () => app.close() };
  return {
    ...(await startAuthProxy(sqs(region), port, emulator, callers)),
    sendMessage: (QueueUrl, MessageBody) =>
      callEmulator(send, 'AmazonSQS.SendMessage', JSON.stringify({ QueueUrl, MessageBody })),
  };
}

/** Deletes all queues, which ends their long polls and prevents new ones. */
async function deleteQueues(fauxqs: Upstream): Promise<void> {
  const { QueueUrls } = Queues.parse(await callEmulator(fauxqs, 'AmazonSQS.ListQueues', '{}'));
  for (const QueueUrl of QueueUrls) {
    await callEmulator(fauxqs, 'AmazonSQS.DeleteQueue', JSON.stringify({ QueueUrl }));
  }
}

const Queues = z.object({ QueueUrls: z.array(z.string()).default([]) });

const sqs = (region: string): ProxiedService => ({
  name: 'sqs',
  region,
  maxBodyBytes: MAX_BODY_BYTES,
  refuse: refuseJson,
  denialError,
  requiredPermissions: (request, body) =>
    protocolError(request, 'AmazonSQS', '1.0') ??
    permissionsFor(request.headers['x-amz-target'], body, `arn:aws:sqs:${region}:${SQS_ACCOUNT}`),
});

/**
 * Formats a denial as SQS does: SQS actions are in lowercase, and a denied use of the KMS key has a separate code.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors
 */
function denialError(denial: Denial): AwsError {
  const message = denialMessage(denial);
  if (denial.action.startsWith('kms:')) return { code: 'KmsAccessDenied', message };
  return {
    code: 'AccessDeniedException',
    message: message.replaceAll(denial.action, denial.action.toLowerCase()),
  };
}

function permissionsFor(
  target: string | readonly string[] | undefined,
  body: Buffer,
  prefix: string,
): readonly RequiredPermission[] {
  const operation = targetOperation(target);
  if (operation === '') return [];
  const { QueueUrl, QueueName } = jsonObject(body);
  const name = typeof QueueUrl === 'string' ? QueueUrl.split('/').at(-1) : QueueName;
  // An operation and its batch variant are the same action in IAM.
  const action = `sqs:${operation.replace(/Batch$/, '')}`;
  return [{ action, resource: typeof name === 'string' ? `${prefix}:${name}` : '*' }];
}
