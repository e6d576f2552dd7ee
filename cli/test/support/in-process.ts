import { PassThrough, Writable } from 'node:stream';
import type { Io } from '../../tvm/io.ts';
import { runProgram } from '../../tvm/program.ts';

/** Where standard input, output and error are. */
export type Setting = 'terminal' | 'pipe';

/** What a command line said and how it ended. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Streams that remember what was written; of a terminal of 80 columns, or of a pipe. */
export function fakeIo(setting: Setting, env: Io['env'] = {}) {
  const terminal = { isTTY: setting === 'terminal', columns: 80 };
  const [out, err] = [new Memory(), new Memory()];
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal.isTTY });
  const stdout = Object.assign(out, terminal);
  const stderr = Object.assign(err, terminal);
  const stop = new AbortController();
  const now = () => new Date('2026-11-23T12:00:00Z');
  const io: Io = { stdin, stdout, stderr, env, signal: stop.signal, now };
  return { io, stdin, stop, stdout: () => out.said, stderr: () => err.said };
}

/** Takes whatever is written and keeps it. */
class Memory extends Writable {
  said = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.said += chunk.toString();
    done();
  }
}

/** Runs a command line in this process. */
export async function runHere(
  args: readonly string[],
  setting: Setting = 'pipe',
  env: Io['env'] = {},
): Promise<Ran> {
  const fake = fakeIo(setting, env);
  const status = await runProgram(args, fake.io);
  return { status, stdout: fake.stdout(), stderr: fake.stderr() };
}

/** Runs a command line on a terminal, and gives back all that it said, in the order in which it did. */
export async function runTogether(args: readonly string[]): Promise<string> {
  const { io, stdout } = fakeIo('terminal');
  await runProgram(args, { ...io, stderr: io.stdout, now: () => new Date() });
  return stdout();
}
