import { DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { parseEmailAddress, parseTokenId } from '../../lambda/operator.ts';
import { release } from '../redrive/look.ts';
import { type QueueAccess, queueDepth, receiveDead } from '../redrive/queues.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import { countText } from '../tvm/format.ts';
import { parseJson } from '../tvm/parse-json.ts';
import type { Traces } from './find-traces.ts';
import { isOf, type Person } from './person.ts';

type LinkTraces = Pick<Traces, 'received' | 'watched'>;

/** Maximum number of rounds of ten messages. Far fewer are enough, unless nobody has emptied the queue for days. */
const MOST_ROUNDS = 500;
/** How many seconds received messages stay hidden. All rounds together take less, so no message is received twice. */
const HELD_SECONDS = 120;

export interface ForgottenBounces {
  /** Deleted messages about the person. */
  readonly removed: number;
  /** Approximate number of messages that were not received or could not be read. */
  readonly unseen: number;
}

/** The members that identify people in an SES event from EventBridge. */
const Feedback = z.object({
  detail: z.object({
    mail: z.object({
      destination: z.array(z.string()),
      tags: z.object({ tokenId: z.array(z.string()).optional(), noticeOf: z.array(z.string()).optional() }),
    }),
    bounce: z.object({ bouncedRecipients: z.array(z.object({ emailAddress: z.string() })) }).optional(),
    complaint: z.object({ complainedRecipients: z.array(z.object({ emailAddress: z.string() })) }).optional(),
  }),
});

/**
 * Deletes the messages about a person from the bounce dead-letter queue. Does not receive from the bounce queue itself:
 * the function that reads it records each bounce within minutes, and each receive would use up one of a message's few
 * attempts.
 *
 * @throws CommandFailure if SQS does not delete a message
 */
export async function forgetBounces(
  access: QueueAccess,
  person: Person,
  traces: LinkTraces,
): Promise<ForgottenBounces> {
  const { pair, signal } = access;
  const [waiting, dead] = await Promise.all(
    [pair.queue, pair.deadLetters].map((url) => queueDepth(access.sqs, url, signal)),
  );
  const kept = new Map<string, Message>();
  const unreadable = new Set<string>();
  let removed = 0;
  let isEmpty = false;
  try {
    for (let round = 0; round < MOST_ROUNDS && !isEmpty; round += 1) {
      const messages = await receiveDead(access, HELD_SECONDS);
      isEmpty = messages.length === 0;
      const theirs: Message[] = [];
      for (const message of messages) {
        const { MessageId = '' } = message;
        const about = isAbout(person, traces, message);
        if (about === 'them') theirs.push(message);
        else kept.set(MessageId, message);
        if (about === 'unreadable') unreadable.add(MessageId);
      }
      await remove(access, theirs);
      removed += theirs.length;
    }
  } finally {
    // After Ctrl-C, the messages become visible by themselves.
    if (!signal.aborted) await release(access, [...kept.values()]);
  }
  const notReceived = Math.max((dead ?? 0) - removed - kept.size, isEmpty ? 0 : 1);
  return { removed, unseen: (waiting ?? 0) + notReceived + unreadable.size };
}

function isAbout(
  person: Person,
  { received, watched }: LinkTraces,
  { Body = '' }: Message,
): 'them' | 'others' | 'unreadable' {
  const read = z.string().transform(parseJson).pipe(Feedback).safeParse(Body);
  if (!read.success) return 'unreadable';
  const { mail, bounce, complaint } = read.data.detail;
  const named = [...(bounce?.bouncedRecipients ?? []), ...(complaint?.complainedRecipients ?? [])];
  const addresses = [...mail.destination, ...named.map(({ emailAddress }) => emailAddress)];
  const link = parseTokenId(mail.tags.tokenId?.[0] ?? '');
  const notice = parseTokenId(mail.tags.noticeOf?.[0] ?? '');
  const isTheirs =
    addresses.some((address) => isOf(person, mailboxIn(address))) ||
    (link !== undefined && received.has(link)) ||
    (notice !== undefined && watched.has(notice));
  return isTheirs ? 'them' : 'others';
}

/** Parses an address, with or without a display name, such as `Ada <ada@example.org>`. */
const mailboxIn = (text: string) => parseEmailAddress(/<([^<>]*)>$/.exec(text)?.[1] ?? text);

async function remove({ sqs, pair, signal }: QueueAccess, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  const { Failed = [] } = await sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl: pair.deadLetters, Entries }),
    { abortSignal: signal },
  );
  const [failed] = Failed;
  if (failed === undefined) return;
  throw new CommandFailure(
    'unreachable',
    `SQS did not delete ${countText(Failed.length, 'message')} from the bounce dead-letter queue (${failed.Code ?? 'no reason'}).`,
    'Run the command again.',
  );
}
