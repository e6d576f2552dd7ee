import { SQSClient } from '@aws-sdk/client-sqs';
import { Option } from '@commander-js/extra-typings';
import type { DeadLetter } from '../redrive/dead-letter.ts';
import { type Look, look } from '../redrive/look.ts';
import { moveBack } from '../redrive/move.ts';
import { type QueueAccess, queuePair, REDRIVEN, type Redriven } from '../redrive/queues.ts';
import type { DefineCommand } from '../tvm/command-list.ts';
import { momentText } from '../tvm/format.ts';
import { addExamples } from '../tvm/help.ts';
import { createProgress } from '../tvm/progress.ts';
import type { Session } from '../tvm/session.ts';
import type { Column } from '../tvm/table.ts';

/** `tvm redrive`: what lies in a dead-letter queue, and back to its queue with it. */
export const redrive: DefineCommand = (command, run) => {
  const defined = command
    .description(
      'Shows the messages that failed too often, by their ids, and moves them back to their queue: after a question at a terminal, or with --yes. Otherwise nothing is moved. First put right what made them fail. Nothing is mailed for a link that has ended meanwhile, and nothing twice.',
    )
    .addOption(
      new Option('--queue <queue>', 'mail: mails to send; bounces: returned mails to note')
        .choices(REDRIVEN)
        .default('mail' as const),
    )
    .action(({ queue }) =>
      run(async (session) => {
        await redriveQueue(session, queue);
        return 'done';
      }),
    );
  addExamples(defined, [
    ['npx tvm redrive', 'Look at the mails that could not be sent, and be asked'],
    ['npx tvm redrive --yes', 'Send them again'],
    ['npx tvm redrive --queue bounces --json | cat', 'Look at bounces that could not be noted, no more'],
  ]);
};

const COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'LINK', of: ({ tokenId = '-' }) => tokenId },
  { title: 'SENT', of: ({ sentAt }) => momentText(new Date(sentAt)), plain: ({ sentAt }) => sentAt },
  { title: 'RECEIVED', of: ({ received }) => String(received), align: 'right' },
  { title: 'MESSAGE', of: ({ messageId }) => messageId, shrink: 'shorten' },
];

async function redriveQueue(session: Session, name: Redriven): Promise<void> {
  const { output, signal, connect } = session;
  const { deployment, settings } = await connect();
  const sqs = new SQSClient(settings('sqs'));
  const access: QueueAccess = { sqs, pair: queuePair(deployment, name), signal };
  try {
    const seen = await look(access);
    if (output.format !== 'json') show(seen, output);
    const moved = seen.count > 0 && (await isWanted(session, seen)) ? await move(session, access, seen) : 0;
    if (output.format === 'json') output.json({ queue: name, ...seen, moved });
    else if (moved > 0) output.aside(`${moved} moved back to the queue.`);
  } finally {
    sqs.destroy();
  }
}

function show({ count, letters }: Look, output: Session['output']): void {
  output.table(COLUMNS, letters);
  if (count === 0) output.aside('No dead letters.');
  else if (count > letters.length) output.note(`${letters.length} of about ${count} are shown.`);
}

/** Where there is nobody to ask and no --yes, this was a look and no more. */
async function isWanted({ io, globals, output, confirm }: Session, { count }: Look): Promise<boolean> {
  const isAsked = globals.yes === true || (io.stdin.isTTY === true && io.stderr.isTTY === true);
  if (isAsked) await confirm(`Move ${count === 1 ? 'it' : `all ${count}`} back to the queue?`);
  else output.note('Nothing was moved: add --yes to move them back to their queue.');
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
