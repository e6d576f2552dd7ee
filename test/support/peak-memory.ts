import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long between two looks, in milliseconds. */
const LOOK_AGAIN_MS = 25;

/** The memory that a process has now, in bytes, as `ps` says on Linux and macOS alike. */
export async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) * 1024;
}

/** The most memory that a process was seen to have while something was going on, in bytes. */
export async function peakMemoryDuring(pid: number, work: Promise<unknown>): Promise<number> {
  let over = false;
  const ended = work.finally(() => {
    over = true;
  });
  let peak = 0;
  while (!over) {
    peak = Math.max(peak, await memoryOf(pid));
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  await ended;
  return peak;
}
