import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { CommandFailure } from '../tvm/command-failure.ts';
import { countText } from '../tvm/format.ts';
import { BATCH, HELD_SECONDS, LONG_POLL_SECONDS } from './look.ts';
import type { QueueAccess } from './queues.ts';

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
export async function moveBack(
  { sqs, pair, signal }: QueueAccess,
  progress: (moved: number) => void,
): Promise<number> {
  const abort = { abortSignal: signal };
  for (let moved = 0; ; progress(moved)) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: pair.deadLetters,
        MaxNumberOfMessages: BATCH,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        VisibilityTimeout: HELD_SECONDS,
      }),
      abort,
    );
    if (Messages.length === 0) return moved;
    const sent = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: pair.queue, Entries: Messages.map(sendEntry) }),
      abort,
    );
    const taken = new Set((sent.Successful ?? []).map(({ Id }) => Id));
    const Entries = Messages.map(deleteEntry).filter(({ Id }) => taken.has(Id));
    if (Entries.length > 0) {
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: pair.deadLetters, Entries }));
    }
    moved += Entries.length;
    if (Entries.length < Messages.length) {
      const reason = sent.Failed?.[0]?.Code ?? 'no reason';
      throw new CommandFailure(
        'unreachable',
        `SQS rejected ${countText(Messages.length - Entries.length, 'message')} (${reason}). Moved so far: ${moved}.`,
        'Run the command again. Nothing is moved twice.',
      );
    }
  }
}

const sendEntry = ({ Body = '' }: Message, at: number) => ({ Id: String(at), MessageBody: Body });
const deleteEntry = ({ ReceiptHandle }: Message, at: number) => ({ Id: String(at), ReceiptHandle });
