import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/tvm.ts', import.meta.url));

/** How a run of the command line ended, and what it said; there is nobody at a terminal. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run that goes on. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ran>;
}

/** Starts `tvm` as its users do, in a process of its own, on a laptop. */
export function startTvm(dataDir: string, args: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, '--data-dir', dataDir, ...args]);
  child.stdin.end();
  const said = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const ended = said.then(([stdout, stderr]) => ({ status: child.exitCode, stdout, stderr }));
  return { child, ended };
}

/** Runs `tvm` to its end. */
export function runTvm(dataDir: string, ...args: readonly string[]): Promise<Ran> {
  return startTvm(dataDir, args).ended;
}
