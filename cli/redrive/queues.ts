import {
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Deployment } from '../tvm/deployment.ts';

/** The queues that `tvm redrive` can redrive. */
export const REDRIVEN = ['mail', 'bounces', 'verdicts'] as const;
export type Redriven = (typeof REDRIVEN)[number];

/** The URLs of a queue and its dead-letter queue. */
export interface QueuePair {
  readonly queue: string;
  readonly deadLetters: string;
}

/** A pair of queues, and the client for both. */
export interface QueueAccess {
  readonly sqs: SQSClient;
  readonly pair: QueuePair;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export function bounceQueues({ bounceQueueUrl, bounceDeadLetterQueueUrl }: Deployment): QueuePair {
  return { queue: bounceQueueUrl, deadLetters: bounceDeadLetterQueueUrl };
}

/** Returns a queue with its dead-letter queue, or `undefined` if the deployment does not have it. */
export function queuePair(deployment: Deployment, name: Redriven): QueuePair | undefined {
  if (name === 'bounces') return bounceQueues(deployment);
  const { mailQueueUrl, deadLetterQueueUrl, verdictQueueUrl, verdictDeadLetterQueueUrl } = deployment;
  if (name === 'mail') return { queue: mailQueueUrl, deadLetters: deadLetterQueueUrl };
  return verdictQueueUrl === undefined || verdictDeadLetterQueueUrl === undefined
    ? undefined
    : { queue: verdictQueueUrl, deadLetters: verdictDeadLetterQueueUrl };
}

/** Returns the approximate number of messages in a queue, including those that a consumer is processing. */
export async function queueDepth(sqs: SQSClient, QueueUrl: string, signal?: AbortSignal): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
    signal && { abortSignal: signal },
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

/** Maximum number of messages that SQS returns at once. */
export const BATCH = 10;
/** Wait time of a long poll. Long polling queries all SQS servers, so an empty response means an empty queue. */
const LONG_POLL_SECONDS = 1;

/** Receives messages from the dead-letter queue. They stay hidden from other readers for `heldSeconds`. */
export async function receiveDead(
  { sqs, pair, signal }: QueueAccess,
  heldSeconds: number,
): Promise<readonly Message[]> {
  const receiving = new ReceiveMessageCommand({
    QueueUrl: pair.deadLetters,
    MaxNumberOfMessages: BATCH,
    WaitTimeSeconds: LONG_POLL_SECONDS,
    VisibilityTimeout: heldSeconds,
    MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
  });
  return (await sqs.send(receiving, { abortSignal: signal })).Messages ?? [];
}
