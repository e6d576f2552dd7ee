import { SQSClient } from '@aws-sdk/client-sqs';
import { Option } from '@commander-js/extra-typings';
import type { DeadLetter } from '../redrive/dead-letter.ts';
import { type Look, look } from '../redrive/look.ts';
import { moveBack } from '../redrive/move.ts';
import { type QueueAccess, queuePair, REDRIVEN, type Redriven } from '../redrive/queues.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { countText, momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';

/** `tvm redrive` lists the messages in a dead-letter queue, and moves them back. */
export const redrive: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Lists the messages in a dead-letter queue, each of which failed five times, and moves them back to their queue. On a terminal, asks you to confirm first. Elsewhere, moves them only with --yes. Fix the cause first. No link is mailed twice or after it has ended.',
    )
    .addOption(
      new Option(
        '--queue <queue>',
        'mail: e-mails to send; bounces: bounces to record; verdicts: new uploads and malware scan verdicts',
      )
        .choices(REDRIVEN)
        .default('mail' as const),
    )
    .action(({ queue }) => run((session) => redriveQueue(session, queue)));
  addExamples(defined, [
    ['npx tvm redrive', 'List the e-mails that could not be sent, and ask whether to move them'],
    ['npx tvm redrive --yes', 'Move them without asking'],
    ['npx tvm redrive --queue bounces --json | cat', 'Only list the bounces that could not be recorded'],
  ]);
};

const COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'ABOUT', of: ({ tokenId, uploadId }) => tokenId ?? uploadId ?? '-' },
  { title: 'SENT', of: ({ sentAt }) => momentText(new Date(sentAt)), plain: ({ sentAt }) => sentAt },
  { title: 'RECEIVED', of: ({ received }) => String(received), align: 'right' },
  { title: 'MESSAGE', of: ({ messageId }) => messageId, shrink: 'shorten' },
];

async function redriveQueue(session: Session, name: Redriven): Promise<void> {
  const { output, signal, connect } = session;
  const { deployment, settings } = await connect();
  const pair = queuePair(deployment, name);
  if (pair === undefined) throw new CommandFailure('notFound', `This deployment has no queue for ${name}.`);
  const sqs = new SQSClient(settings('sqs'));
  const access: QueueAccess = { sqs, pair, signal };
  try {
    const seen = await look(access);
    if (output.format !== 'json') show(seen, output);
    const moved =
      seen.count > 0 && (await isConfirmed(session, seen)) ? await move(session, access, seen) : 0;
    if (output.format === 'json') output.json({ queue: name, ...seen, moved });
    else if (moved > 0) output.aside(`Moved ${countText(moved, 'message')} back to the queue.`);
  } finally {
    sqs.destroy();
  }
}

function show({ count, letters }: Look, output: Session['output']): void {
  output.table(COLUMNS, letters);
  if (count === 0) output.aside('The dead-letter queue is empty.');
  else if (count > letters.length) output.note(`Showing ${letters.length} of about ${count}.`);
}

/**
 * Asks the operator to confirm. Returns false if there is neither a terminal nor --yes. The command then only lists
 * the messages.
 */
async function isConfirmed({ io, globals, output, confirm }: Session, { count }: Look): Promise<boolean> {
  const isAsked = globals.yes === true || (io.stdin.isTTY === true && io.stderr.isTTY === true);
  if (isAsked) await confirm(`Move ${count === 1 ? 'it' : `all ${count}`} back to the queue?`);
  else output.note('Nothing was moved. Add --yes to move the messages back to their queue.');
  return isAsked;
}

async function move({ io }: Session, access: QueueAccess, { count }: Look): Promise<number> {
  const progress = createProgress(io, 'Moving', count, (amount) => String(amount));
  let before = 0;
  try {
    return await moveBack(access, (moved) => {
      progress.advance(moved - before);
      before = moved;
    });
  } finally {
    progress.done();
  }
}
