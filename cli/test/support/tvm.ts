import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Ran } from './in-process.ts';

const TVM = fileURLToPath(new URL('../../../bin/tvm.ts', import.meta.url));

/** A command that runs in its own process. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

/** Starts a command in its own process, without a terminal and without the AWS settings of this computer. */
export function startTvm(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [TVM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, TMPDIR: tmpdir(), HOME: '/nonexistent', ...env },
  });
  const ran = async (): Promise<Ran> => {
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { status: child.exitCode ?? -1, stdout, stderr };
  };
  return { child, ended: ran() };
}

/** Creates a data folder with these endpoints. */
export function dataDirOf(endpoints: object): { readonly dataDir: string; remove(): void } {
  const dataDir = mkdtempSync(join(tmpdir(), 'tvm-endpoints-'));
  writeFileSync(join(dataDir, 'endpoints.json'), JSON.stringify(endpoints));
  return { dataDir, remove: () => rmSync(dataDir, { recursive: true }) };
}
