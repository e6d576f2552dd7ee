import { ChangeMessageVisibilityBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { type DeadLetter, deadLetterOf } from './dead-letter.ts';
import { BATCH, type QueueAccess, queueDepth, receiveDead } from './queues.ts';

/** Maximum number of messages that are listed. */
const LISTED = 100;
/** How many seconds received messages are hidden from other readers. Longer than listing takes. */
export const HELD_SECONDS = 30;

export interface Look {
  /** The approximate number of messages. */
  readonly count: number;
  /** Some of the messages, oldest first. */
  readonly letters: readonly DeadLetter[];
}

/** Lists the messages in a dead-letter queue, and leaves them there. SQS counts this as another receive. */
export async function look(access: QueueAccess): Promise<Look> {
  const depth = await queueDepth(access.sqs, access.pair.deadLetters, access.signal);
  const seen = new Map<string, Message>();
  while (seen.size < LISTED) {
    const messages = await receiveDead(access, HELD_SECONDS);
    if (messages.length === 0) break;
    for (const message of messages) seen.set(message.MessageId ?? '', message);
  }
  await release(access, [...seen.values()]);
  const letters = [...seen.values()].map(deadLetterOf).sort((a, b) => a.sentAt.localeCompare(b.sentAt));
  return { count: Math.max(depth, seen.size), letters };
}

/** Makes messages visible again. If this fails, they become visible by themselves. */
export async function release(
  { sqs, pair, signal }: QueueAccess,
  messages: readonly Message[],
): Promise<void> {
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
