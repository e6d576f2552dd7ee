import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { z } from 'zod';
import { parseEmailAddress, parseTokenId } from '../../lambda/operator.ts';
import { BATCH, LONG_POLL_SECONDS, letGo } from '../redrive/look.ts';
import type { QueueAccess } from '../redrive/queues.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Traces } from './find-traces.ts';
import { isOf, type Person } from './person.ts';

/** Ten messages each: far more than lie there unless nobody has looked for days. */
const MOST_ROUNDS = 500;
/** How long a letter is kept from others: as long as all rounds take, so that none is seen twice. In seconds. */
const HELD_SECONDS = 120;

export interface ForgottenBounces {
  /** Letters that named the person, and are gone. */
  readonly removed: number;
  /** About how many messages there are that were not looked into, or could not be read. */
  readonly unseen: number;
}

/** What SES says of a mail, as EventBridge passes it on, as far as it names people. */
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
 * Removes the dead letters of the bounce queue that name a person. The queue itself is left to its function, which is
 * done with a bounce within minutes: whatever is received there counts as one of the few tries that a bounce has.
 *
 * @throws CommandFailure when SQS does not remove one
 */
export async function forgetBounces(
  access: QueueAccess,
  person: Person,
  traces: Traces,
): Promise<ForgottenBounces> {
  const { pair, signal } = access;
  const [waiting, dead] = await Promise.all([pair.queue, pair.deadLetters].map((url) => depth(access, url)));
  const kept = new Map<string, Message>();
  const unreadable = new Set<string>();
  let removed = 0;
  let isEmpty = false;
  try {
    for (let round = 0; round < MOST_ROUNDS && !isEmpty; round += 1) {
      const letters = await receive(access);
      isEmpty = letters.length === 0;
      const theirs: Message[] = [];
      for (const letter of letters) {
        const { MessageId = '' } = letter;
        const about = isAbout(person, traces, letter);
        if (about === 'them') theirs.push(letter);
        else kept.set(MessageId, letter);
        if (about === 'unreadable') unreadable.add(MessageId);
      }
      await remove(access, theirs);
      removed += theirs.length;
    }
  } finally {
    // After Ctrl-C they come back by themselves.
    if (!signal.aborted) await letGo(access, [...kept.values()]);
  }
  const notReceived = Math.max((dead ?? 0) - removed - kept.size, isEmpty ? 0 : 1);
  return { removed, unseen: (waiting ?? 0) + notReceived + unreadable.size };
}

function isAbout(
  person: Person,
  { received, watched }: Traces,
  { Body = '' }: Message,
): 'them' | 'others' | 'unreadable' {
  const read = z.string().transform(jsonOf).pipe(Feedback).safeParse(Body);
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

/** The address itself, also of `Ada <ada@example.org>`. */
const mailboxIn = (text: string) => parseEmailAddress(/<([^<>]*)>$/.exec(text)?.[1] ?? text);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function receive({ sqs, pair, signal }: QueueAccess): Promise<readonly Message[]> {
  const receiving = new ReceiveMessageCommand({
    QueueUrl: pair.deadLetters,
    MaxNumberOfMessages: BATCH,
    WaitTimeSeconds: LONG_POLL_SECONDS,
    VisibilityTimeout: HELD_SECONDS,
  });
  const { Messages = [] } = await sqs.send(receiving, { abortSignal: signal });
  return Messages;
}

async function remove({ sqs, pair, signal }: QueueAccess, letters: readonly Message[]): Promise<void> {
  if (letters.length === 0) return;
  const Entries = letters.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
  const { Failed = [] } = await sqs.send(
    new DeleteMessageBatchCommand({ QueueUrl: pair.deadLetters, Entries }),
    { abortSignal: signal },
  );
  const [failed] = Failed;
  if (failed === undefined) return;
  throw new CommandFailure(
    'unreachable',
    `SQS did not delete ${Failed.length} messages from the dead-letter queue of bounces (${failed.Code ?? 'no reason'}).`,
    'Run it again.',
  );
}

/** About how many messages a queue has, those that somebody works on too. */
async function depth({ sqs, signal }: QueueAccess, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
    { abortSignal: signal },
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}
