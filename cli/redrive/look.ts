import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { type DeadLetter, deadLetterOf } from './dead-letter.ts';
import type { QueueAccess } from './queues.ts';

/** As many as SQS gives at once. */
export const BATCH = 10;
/** As many as a person reads; the count is of all. */
const LOOKED_AT = 100;
/** How long a message that was received is kept from others: longer than a look takes. In seconds. */
export const HELD_SECONDS = 30;
/** Asks all servers of SQS, so that nothing received means that there is nothing. In seconds. */
export const LONG_POLL_SECONDS = 1;

export interface Look {
  /** About how many messages there are. */
  readonly count: number;
  /** The first of them. */
  readonly letters: readonly DeadLetter[];
}

/** Looks at dead letters and lets go of them: they are where they were, received once more. */
export async function look({ sqs, pair, signal }: QueueAccess): Promise<Look> {
  const abort = { abortSignal: signal };
  const QueueUrl = pair.deadLetters;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
    abort,
  );
  const seen = new Map<string, Message>();
  while (seen.size < LOOKED_AT) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: BATCH,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        VisibilityTimeout: HELD_SECONDS,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
      abort,
    );
    if (Messages.length === 0) break;
    for (const message of Messages) seen.set(message.MessageId ?? '', message);
  }
  await letGo({ sqs, pair, signal }, [...seen.values()]);
  const told =
    Number(Attributes.ApproximateNumberOfMessages ?? 0) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0);
  const letters = [...seen.values()].map(deadLetterOf).sort((a, b) => a.sentAt.localeCompare(b.sentAt));
  return { count: Math.max(told, seen.size), letters };
}

/** Makes messages visible again; those that it cannot are so by themselves in a while. */
export async function letGo({ sqs, pair, signal }: QueueAccess, messages: readonly Message[]): Promise<void> {
  for (let at = 0; at < messages.length; at += BATCH) {
    const Entries = messages.slice(at, at + BATCH).map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: pair.deadLetters, Entries }), {
      abortSignal: signal,
    });
  }
}
