import { constants } from 'node:os';
import { statusOf } from './exit-codes.ts';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

/** Two signals closer together than this, in milliseconds, are one Ctrl-C that npx passed on as well. */
const SAME_CTRL_C_MS = 500;

/** Runs the command line on the process's own terminal and sets the exit status. */
export async function runOnTerminal(args: readonly string[]): Promise<void> {
  const { stdin, stdout, stderr, env } = process;
  leaveWhenNobodyReads();
  const stopped = new AbortController();
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    first ??= { signal, at: performance.now() };
    if (performance.now() - first.at > SAME_CTRL_C_MS) process.exit(statusOfSignal(signal));
    stopped.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  const io: Io = { stdin, stdout, stderr, env, signal: stopped.signal, now: () => new Date() };
  const status = await runProgram(args, io);
  process.exitCode = status === statusOf('interrupted') ? statusOfSignal(first?.signal ?? 'SIGINT') : status;
}

/** As a shell counts them: 128 and the number of the signal. */
const statusOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** `tvm list | head` closes the pipe early: that is no failure of ours. */
function leaveWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
