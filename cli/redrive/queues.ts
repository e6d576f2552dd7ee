import type { SQSClient } from '@aws-sdk/client-sqs';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Deployment } from '../tvm/deployment.ts';

/** The queues that have dead letters. */
export const REDRIVEN = ['mail', 'bounces'] as const;
export type Redriven = (typeof REDRIVEN)[number];

/** A queue and where its messages lie that failed too often, by their URLs. */
export interface QueuePair {
  readonly queue: string;
  readonly deadLetters: string;
}

/** A pair and who calls it. */
export interface QueueAccess {
  readonly sqs: SQSClient;
  readonly pair: QueuePair;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** @throws CommandFailure when the deployment does not say where they are */
export function queuePair(deployment: Deployment, name: Redriven): QueuePair {
  const { mailQueueUrl, deadLetterQueueUrl, bounceQueueUrl, bounceDeadLetterQueueUrl } = deployment;
  if (name === 'mail') return { queue: mailQueueUrl, deadLetters: deadLetterQueueUrl };
  if (bounceQueueUrl === undefined || bounceDeadLetterQueueUrl === undefined) {
    throw new CommandFailure('notFound', 'This deployment has no queue of bounces.');
  }
  return { queue: bounceQueueUrl, deadLetters: bounceDeadLetterQueueUrl };
}
