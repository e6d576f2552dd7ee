import { constants } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { statusOf } from './exit-codes.ts';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

/** Two signals within this time count as a single Ctrl-C, because npx forwards the signal a second time. */
const SAME_CTRL_C_MS = 500;

/** Runs the command line with the streams of the process, and sets the exit status. */
export async function runOnTerminal(args: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  exitWhenOutputFails();
  const stopped = new AbortController();
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    first ??= { signal, at: performance.now() };
    if (performance.now() - first.at > SAME_CTRL_C_MS) process.exit(statusOfSignal(signal));
    stopped.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const wait: Io['wait'] = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal });
  const io: Io = { stdin, stdout, stderr, env, signal: stopped.signal, now: () => new Date(), wait };
  const status = await runProgram(args, io);
  process.exitCode = status === statusOf('interrupted') ? statusOfSignal(first?.signal ?? 'SIGINT') : status;
}

/** Returns the exit status that shells use for a signal. */
const statusOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** Exits with 0 if the reader closes the pipe, as in `tvm list | head`, and with 1 for other errors, such as a full disk. */
function exitWhenOutputFails(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(`error: Standard output could not be written (${code}).\n`);
    process.exit(statusOf('no'));
  });
}
