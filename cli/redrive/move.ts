import { DeleteMessageBatchCommand, type Message, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { CommandFailure } from '../tvm/command-failure.ts';
import { countText } from '../tvm/format.ts';
import { HELD_SECONDS } from './look.ts';
import { type QueueAccess, receiveDead } from './queues.ts';

/**
 * Moves messages from a dead-letter queue back to their queue. Sends each message before deleting it, so stopping in
 * between leaves the message in both queues and never loses it. The consumers of the queues tolerate duplicates.
 *
 * SQS has StartMessageMoveTask for this, but such a task continues after Ctrl-C, does not report which messages it
 * moves, and does not exist in local mode.
 *
 * @param progress called with the number of messages moved so far
 * @returns the number of messages moved
 * @throws CommandFailure if SQS rejects some messages, which stay in the dead-letter queue
 */
export async function moveBack(access: QueueAccess, progress: (moved: number) => void): Promise<number> {
  const { sqs, pair, signal } = access;
  for (let moved = 0; ; progress(moved)) {
    const messages = await receiveDead(access, HELD_SECONDS);
    if (messages.length === 0) return moved;
    const sent = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: pair.queue, Entries: messages.map(sendEntry) }),
      { abortSignal: signal },
    );
    const taken = new Set((sent.Successful ?? []).map(({ Id }) => Id));
    const Entries = messages.map(deleteEntry).filter(({ Id }) => taken.has(Id));
    if (Entries.length > 0) {
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: pair.deadLetters, Entries }));
    }
    moved += Entries.length;
    if (Entries.length < messages.length) {
      const reason = sent.Failed?.[0]?.Code ?? 'no reason';
      throw new CommandFailure(
        'unreachable',
        `SQS rejected ${countText(messages.length - Entries.length, 'message')} (${reason}). Moved so far: ${moved}.`,
        'Run the command again. It moves the rest.',
      );
    }
  }
}

const sendEntry = ({ Body = '' }: Message, at: number) => ({ Id: String(at), MessageBody: Body });
const deleteEntry = ({ ReceiptHandle }: Message, at: number) => ({ Id: String(at), ReceiptHandle });
