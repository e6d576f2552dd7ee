import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../tvm/deployment.ts';

/** The queues that `tvm redrive` knows. */
export const REDRIVEN = ['mail', 'bounces'] as const;
export type Redriven = (typeof REDRIVEN)[number];

/** The URLs of a queue and its dead-letter queue. */
export interface QueuePair {
  readonly queue: string;
  readonly deadLetters: string;
}

/** A pair of queues, and the client to reach it. */
export interface QueueAccess {
  readonly sqs: SQSClient;
  readonly pair: QueuePair;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Returns the queues of one kind. */
export function queuePair(deployment: Deployment, name: Redriven): QueuePair {
  const { mailQueueUrl, deadLetterQueueUrl, bounceQueueUrl, bounceDeadLetterQueueUrl } = deployment;
  return name === 'mail'
    ? { queue: mailQueueUrl, deadLetters: deadLetterQueueUrl }
    : { queue: bounceQueueUrl, deadLetters: bounceDeadLetterQueueUrl };
}

/** Returns roughly how many messages are in a queue, including those that a consumer is processing. */
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
