import { PassThrough, Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { Io } from '../../tvm/io.ts';
import { runProgram } from '../../tvm/program.ts';

/** Whether the standard streams are a terminal or pipes. */
export type Setting = 'terminal' | 'pipe';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Returns streams that record their output, as an 80-column terminal or as pipes. The clock moves only when the command
 * waits, and waiting takes no real time.
 */
export function fakeIo(setting: Setting, env: Io['env'] = {}) {
  const terminal = { isTTY: setting === 'terminal', columns: 80 };
  const [out, err] = [new Memory(), new Memory()];
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal.isTTY });
  const stdout = Object.assign(out, terminal);
  const stderr = Object.assign(err, terminal);
  const stop = new AbortController();
  let time = Date.parse('2026-11-23T12:00:00Z');
  const now = () => new Date(time);
  const wait: Io['wait'] = async (milliseconds, signal) => {
    signal.throwIfAborted();
    time += milliseconds;
  };
  const io: Io = { stdin, stdout, stderr, env, signal: stop.signal, now, wait };
  return { io, stdin, stop, stdout: () => out.said, stderr: () => err.said };
}

class Memory extends Writable {
  said = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.said += chunk.toString();
    done();
  }
}

export async function runHere(
  args: readonly string[],
  setting: Setting = 'pipe',
  env: Io['env'] = {},
): Promise<Ran> {
  const fake = fakeIo(setting, env);
  const status = await runProgram(args, fake.io);
  return { status, stdout: fake.stdout(), stderr: fake.stderr() };
}

/** Runs a command in this process, with the real clock and timer. */
export async function runLive(args: readonly string[]): Promise<Ran> {
  const fake = fakeIo('pipe');
  const wait: Io['wait'] = (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal });
  const status = await runProgram(args, { ...fake.io, now: () => new Date(), wait });
  return { status, stdout: fake.stdout(), stderr: fake.stderr() };
}

/** Runs a command on a terminal, and returns everything that the terminal shows. */
export async function runTogether(args: readonly string[]): Promise<string> {
  const { io, stdout } = fakeIo('terminal');
  await runProgram(args, { ...io, stderr: io.stdout, now: () => new Date() });
  return stdout();
}
