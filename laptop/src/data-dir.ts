import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LaptopError } from './laptop-error.ts';

/** The folder that holds all of local mode's data. Only one process can use it at a time. */
export interface DataDir {
  readonly path: string;
  /** Returns the path of a file or folder in the data folder. */
  of(...names: readonly string[]): string;
  /** Releases the folder for other processes. */
  release(): void;
}

const LOCK = 'lock.json';

/** Version of the folder's layout. Increase it when older folders can no longer be read. */
const LAYOUT = 2;

const Marker = z.object({ layout: z.number() });
const Lock = z.object({ pid: z.int().positive() });

/**
 * Opens the data folder and locks it. Creates it if it does not exist.
 *
 * @param name name of the marker file, without `.json`. A folder with files but without this marker is left untouched
 * @param start `fresh` wipes the data of earlier runs
 * @throws LaptopError if the folder belongs to another program, is in use, or has a different layout
 */
export function openDataDir(path: string, name: string, start: 'keep' | 'fresh'): DataDir {
  const marker = join(path, `${name}.json`);
  claim(path, marker);
  lock(path);
  try {
    if (start === 'fresh') wipe(path, marker);
    const { layout } = Marker.parse(JSON.parse(readFileSync(marker, 'utf8')));
    if (layout !== LAYOUT)
      throw new LaptopError(
        `The data in ${path} was written by another version of this program. Start with --fresh to delete it.`,
      );
  } catch (error) {
    unlock(path);
    throw error;
  }
  return { path, of: (...names) => join(path, ...names), release: () => unlock(path) };
}

function claim(path: string, marker: string): void {
  if (existsSync(marker)) return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (readdirSync(path).length === 0) {
      writeFileSync(marker, `${JSON.stringify({ layout: LAYOUT })}\n`);
      return;
    }
  } catch (error) {
    throw new LaptopError(
      `Cannot write to ${path} (${codeOf(error)}). Choose another folder with --data-dir.`,
    );
  }
  throw new LaptopError(`${path} contains files of another program. Choose another folder with --data-dir.`);
}

function lock(path: string): void {
  const file = join(path, LOCK);
  const content = `${JSON.stringify({ pid: process.pid })}\n`;
  try {
    writeFileSync(file, content, { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const holder = holderOf(file);
    if (holder !== undefined && isRunning(holder))
      throw new LaptopError(
        `Process ${holder} is already using ${path}. Stop it first, or choose another folder with --data-dir. ` +
          `(If that process is another program, remove ${file}.)`,
      );
    // The process that held the lock was killed.
    rmSync(file, { force: true });
    writeFileSync(file, content, { flag: 'wx' });
  }
}

const unlock = (path: string): void => rmSync(join(path, LOCK), { force: true });

/** Returns the process ID in the lock, or undefined if the lock is incomplete. */
function holderOf(file: string): number | undefined {
  try {
    return Lock.parse(JSON.parse(readFileSync(file, 'utf8'))).pid;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user.
    return codeOf(error) === 'EPERM';
  }
}

function wipe(path: string, marker: string): void {
  for (const name of readdirSync(path)) {
    if (name !== LOCK) rmSync(join(path, name), { recursive: true, force: true });
  }
  writeFileSync(marker, `${JSON.stringify({ layout: LAYOUT })}\n`);
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
