import type { Account } from '../account.ts';
import { type Check, type Finding, fine, problem, warning } from '../finding.ts';

export interface WantedQueue {
  /** The name that `tvm redrive --queue` uses. */
  readonly name: string;
  readonly queue: string;
  readonly deadLetters: string;
}

/** Maximum number of waiting messages. More than this is a backlog, not a burst. */
const BACKLOG = 100;

/** Checks that messages are processed and that the dead-letter queue is empty. */
export function queueCheck(
  account: Pick<Account, 'queue'>,
  { name, queue, deadLetters }: WantedQueue,
): Check {
  const about = `${name} queue`;
  return {
    name: about,
    permissions: ['sqs:GetQueueAttributes'],
    look: async () => {
      const [waiting, failed] = await Promise.all([account.queue(queue), account.queue(deadLetters)]);
      return [backlog(about, waiting.messages), deadLetter(about, name, failed.messages)];
    },
  };
}

function backlog(about: string, messages: number): Finding {
  const found = messages === 0 ? 'empty' : `${messages} waiting`;
  return messages <= BACKLOG
    ? fine(about, found)
    : warning(about, found, 'Is its function failing or throttled? See docs/operations.md#latemailalarm');
}

function deadLetter(about: string, name: string, messages: number): Finding {
  return messages === 0
    ? fine(about, 'dead-letter queue empty')
    : problem(
        about,
        `${messages} in the dead-letter queue`,
        `Fix the cause (docs/operations.md#deadletteralarm), then run: npx tvm redrive --queue ${name}`,
      );
}
