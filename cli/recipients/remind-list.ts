import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Link } from '../links/link.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { Connection } from '../tvm/connection.ts';
import { countText } from '../tvm/format.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import { linksOfList } from './list-links.ts';
import { createPace, readAllowance } from './pace.ts';
import { readList } from './read-list.ts';

export interface RemindOptions {
  readonly toList: string;
  readonly list?: string | undefined;
  /** Minimum time since the last e-mail, in seconds. */
  readonly after: number;
  readonly rate?: number | undefined;
  readonly dryRun?: true | undefined;
}

/**
 * Whether a recipient is reminded, and if not, why:
 *
 * - `due`: the link is mailed again
 * - `tooEarly`: the last e-mail is too recent, or the first is still queued
 * - `ended`: the link was redeemed or revoked, or has expired
 * - `unwanted`: the e-mail failed, or the recipient complained
 * - `notIssued`: no link was issued
 */
const VERDICTS = ['due', 'tooEarly', 'ended', 'unwanted', 'notIssued'] as const;
type Verdict = (typeof VERDICTS)[number];

const TITLES: Readonly<Record<Verdict, string>> = {
  due: 'Due',
  tooEarly: 'Too early',
  ended: 'Ended',
  unwanted: 'Unwanted',
  notIssued: 'Not issued',
};

/**
 * An e-mail gets five attempts within a quarter of an hour. If it is still queued after an hour, it was lost, or is in
 * the dead-letter queue.
 */
const LOST_AFTER_SECONDS = 3600;

/** Returns whether to remind one recipient, and if not, why. */
export function judgeReminder(link: Link | undefined, now: Date, after: number): Verdict {
  if (link === undefined) return 'notIssued';
  const { state, mail, issuedAt } = link;
  if (state !== 'live') return 'ended';
  const since = (time: string) => (now.getTime() - Date.parse(time)) / 1000;
  if (mail?.state === 'queued') return since(issuedAt) >= LOST_AFTER_SECONDS ? 'due' : 'tooEarly';
  if (mail?.state !== 'mailed' && mail?.state !== 'bounced') return 'unwanted';
  return Math.min(since(mail.at), since(mail.remindedAt ?? mail.at)) >= after ? 'due' : 'tooEarly';
}

const lastMail = ({ mail }: Link): string => mail?.remindedAt ?? mail?.at ?? '';

/** Returns a message for the function that mails links. It contains the ID of the link, but no address. */
function messageFor({ tokenId, mail }: Link): object {
  return mail?.state === 'queued' ? { tokenId } : { tokenId, kind: 'reminder' };
}

/**
 * Reminds everyone on a list who has not redeemed their link. Only queues the reminders. The function that mails
 * links computes the token, checks the link again, and sends at most one reminder a day, so a run can be stopped and
 * repeated.
 */
export async function remindList(session: Session, asset: string, options: RemindOptions): Promise<void> {
  const { output, signal, io } = session;
  const { name: list, recipients } = await readList(session, options.toList, options.list);
  const connection = await session.connect();
  const { links } = await linksOfList(connection, { asset, list }, signal);
  const now = io.now();
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  const due: Link[] = [];
  for (const { mailbox } of recipients) {
    const link = links.get(mailbox);
    const verdict = judgeReminder(link, now, options.after);
    counts[verdict] += 1;
    if (verdict === 'due' && link !== undefined) due.push(link);
  }
  // Recipients who have waited longest come first, because the daily limits may not cover everyone.
  due.sort((one, other) => lastMail(one).localeCompare(lastMail(other)));
  let queued = 0;
  if (due.length > 0 && options.dryRun !== true) {
    await session.confirm(`Remind ${countText(due.length, 'recipient')} of ${asset}?`);
    queued = await queueReminders(session, connection, due, options.rate);
  }
  if (output.format === 'json')
    return output.json({ asset, list, recipients: recipients.length, ...counts, queued });
  output.facts([
    ['Recipients', String(recipients.length)],
    ...VERDICTS.map((verdict) => [TITLES[verdict], String(counts[verdict])] as const),
    ['Queued', String(queued)],
  ]);
}

/** Maximum number of messages that SQS accepts at once. */
const BATCH = 10;

/**
 * Queues reminders at the rate that SES allows.
 *
 * @returns the number of queued reminders
 * @throws CommandFailure if SQS rejects messages, or the daily SES quota does not cover all reminders
 */
async function queueReminders(
  { io, signal, output }: Session,
  connection: Connection,
  due: readonly Link[],
  wanted: number | undefined,
): Promise<number> {
  const { rate, left } = await readAllowance(connection, wanted);
  const pace = createPace(io, rate);
  const progress = createProgress(io, 'Reminding', due.length, String);
  const sqs = new SQSClient(connection.settings('sqs'));
  const sendable = due.slice(0, left);
  let queued = 0;
  try {
    for (let at = 0; at < sendable.length; at += BATCH) {
      const batch = sendable.slice(at, at + BATCH);
      for (const _ of batch) await pace();
      await queueBatch(sqs, connection.deployment.mailQueueUrl, batch, signal);
      queued += batch.length;
      progress.advance(batch.length);
    }
    if (left < due.length) throw stopped('The account has used up its daily SES quota.');
    return queued;
  } catch (error) {
    output.note(
      `Queued ${queued} of ${countText(due.length, 'reminder')}. Run the command again for the rest.`,
    );
    throw error;
  } finally {
    progress.done();
    sqs.destroy();
  }
}

async function queueBatch(
  sqs: SQSClient,
  QueueUrl: string,
  links: readonly Link[],
  abortSignal: AbortSignal,
): Promise<void> {
  const Entries = links.map((link, at) => ({
    Id: String(at),
    MessageBody: JSON.stringify(messageFor(link)),
  }));
  const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
  if (Failed.length > 0) throw stopped(`SQS rejected messages (${Failed[0]?.Code ?? 'no reason'}).`);
}

const stopped = (message: string) =>
  new CommandFailure('unreachable', message, 'Run the command again later. Nobody is reminded twice a day.');
