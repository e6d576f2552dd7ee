import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { isNativeError } from 'node:util/types';
import { CommandFailure } from '../tvm/command-failure.ts';

/** A file of this machine, opened. */
export interface LocalFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Bytes when it was opened. */
  readonly size: number;
  /** @throws CommandFailure when it is no longer what was opened */
  ensureUnchanged(): Promise<void>;
}

/**
 * Never waits, as for somebody to write to a pipe, and never follows a link: should one take the place of a file that
 * was looked at, opening fails.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a file to be offered. The handle itself is checked, and is what is read afterwards, so that nothing that takes
 * the file's name in the meantime is offered instead. Links among the folders above it are followed.
 *
 * @param confirmLink is asked before a file is given that `path` is only a link to, with where that file is; throws to
 * refuse
 * @throws CommandFailure when it is not there, may not be read, or is not a regular file
 */
export async function openLocalFile(
  path: string,
  confirmLink: (target: string) => Promise<void>,
): Promise<LocalFile> {
  try {
    const target = await targetOf(path);
    const handle = await open(target ?? path, OPEN_FLAGS);
    try {
      const before = await handle.stat({ bigint: true });
      ensureRegular(path, before);
      if (target !== undefined) await confirmLink(target);
      return {
        path,
        handle,
        size: Number(before.size),
        ensureUnchanged: async () => {
          const now = await handle.stat({ bigint: true });
          if (now.size !== before.size || now.mtimeNs !== before.mtimeNs) throw changed(path);
        },
      };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw whyNot(path, error);
  }
}

/**
 * Returns where a link leads in the end, and nothing for a file. Whatever else it is, is refused here without being
 * opened: to open a device or a pipe already does something to it.
 */
async function targetOf(path: string): Promise<string | undefined> {
  const itself = await lstat(path);
  if (!itself.isSymbolicLink()) {
    ensureRegular(path, itself);
    return undefined;
  }
  ensureRegular(path, await stat(path));
  return realpath(path);
}

type Kind = Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>;

function ensureRegular(path: string, stats: Kind): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) {
    throw new CommandFailure(
      'usage',
      `${path} is a folder, not a file.`,
      'Folders are offered file by file.',
    );
  }
  const kind = stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device';
  throw new CommandFailure(
    'usage',
    `${path} is a ${kind}, not a file.`,
    'Put what it gives into a file first.',
  );
}

/** The file was written to while it was read. */
export const changed = (path: string) =>
  new CommandFailure(
    'no',
    `${path} changed while it was uploaded.`,
    'Run it again once nothing writes to it.',
  );

function whyNot(path: string, error: unknown): unknown {
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new CommandFailure('notFound', `${path} is not there.`);
  if (code === 'EACCES' || code === 'EPERM') return new CommandFailure('no', `${path} may not be read.`);
  if (code === 'ELOOP') {
    return new CommandFailure(
      'no',
      `${path} is a link that leads in circles, or became one while it was opened.`,
    );
  }
  return error;
}
