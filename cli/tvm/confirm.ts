import { createInterface } from 'node:readline/promises';
import { isNativeError } from 'node:util/types';
import { CommandFailure, Declined } from './command-failure.ts';
import { escapeControls } from './escape-controls.ts';
import type { Io } from './io.ts';

/**
 * Asks the operator to confirm.
 *
 * @param consent `yes` if the operator has confirmed with an option, so that the question is skipped
 * @param option the name of that option
 * @throws CommandFailure if the answer is not yes, or if nobody can be asked because input or output is not a terminal
 */
export async function confirm(
  { stdin, stderr, signal }: Pick<Io, 'stdin' | 'stderr' | 'signal'>,
  question: string,
  consent: 'yes' | 'ask',
  option = '--yes',
): Promise<void> {
  if (consent === 'yes') return;
  if (stdin.isTTY !== true || stderr.isTTY !== true) {
    throw new CommandFailure(
      'usage',
      `Cannot ask for confirmation without a terminal: ${question}`,
      `Add ${option} to go ahead.`,
    );
  }
  const asked = createInterface({ input: stdin, output: stderr });
  const stopped = new AbortController();
  asked.once('SIGINT', () => stopped.abort());
  asked.once('close', () => stopped.abort());
  try {
    const response = await asked.question(`${escapeControls(question)} [y/N] `, {
      signal: AbortSignal.any([signal, stopped.signal]),
    });
    if (/^y(es)?$/i.test(response.trim())) return;
  } catch (error) {
    if (!isNativeError(error) || error.name !== 'AbortError') throw error;
    stderr.write('\n');
    if (!signal.aborted && stopped.signal.aborted) throw new Declined('interrupted');
    throw error;
  } finally {
    asked.close();
  }
  throw new Declined('no');
}
