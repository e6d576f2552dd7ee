import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';
import { isNativeError } from 'node:util/types';
import { CommandFailure } from '../tvm/command-failure.ts';

/** An open file on this computer. */
export interface LocalFile {
  /** As the operator wrote it. */
  readonly path: string;
  readonly handle: FileHandle;
  /** Its size in bytes when it was opened. */
  readonly size: number;
  /** When it was last written to, in nanoseconds since 1970. */
  readonly modified: bigint;
  /** @throws CommandFailure if the file was written to since it was opened */
  ensureUnchanged(): Promise<void>;
}

/** Opening never blocks, for example on a pipe without a writer, and fails if the file was replaced by a symbolic link. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a file, and asks first if the path contains a symbolic link. The creator of the link may not be allowed to read the
 * file that the operator would offer. Checks and reads use the same handle, so a file that takes over the name in between is
 * not offered.
 *
 * @param confirmLink is called with the real path of the file; throws to refuse
 * @throws CommandFailure if the file is missing, unreadable, or not a regular file
 */
export async function openLocalFile(
  path: string,
  confirmLink: (target: string) => Promise<void>,
  currentFolder: string = process.cwd(),
): Promise<LocalFile> {
  try {
    // Merely opening a device or a pipe can have an effect, so the type is checked first.
    ensureRegular(path, await stat(path));
    const target = await realpath(path);
    const handle = await open(target, OPEN_FLAGS);
    try {
      const before = await handle.stat({ bigint: true });
      ensureRegular(path, before);
      if ((await pathOfHandle(handle, target)) !== target)
        throw new CommandFailure('no', `${path} was replaced while it was opened.`, 'Run it again.');
      if (!isSamePath(target, await pathWithoutLinks(path, currentFolder))) await confirmLink(target);
      return {
        path,
        handle,
        size: Number(before.size),
        modified: before.mtimeNs,
        ensureUnchanged: async () => {
          const now = await handle.stat({ bigint: true });
          if (now.size !== before.size || now.mtimeNs !== before.mtimeNs) throw new FileChanged(path);
        },
      };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw failureToOpen(path, error);
  }
}

/**
 * Returns the real path of an open file. On Linux, the kernel reports it. Elsewhere, it is the path that was opened, if that
 * still names the same file. This misses a folder that is replaced twice within microseconds.
 */
async function pathOfHandle(handle: FileHandle, opened: string): Promise<string | undefined> {
  if (process.platform === 'linux') return readlink(`/proc/self/fd/${handle.fd}`);
  const [there, here] = [await stat(opened, { bigint: true }), await handle.stat({ bigint: true })];
  return there.dev === here.dev && there.ino === here.ino ? realpath(opened) : undefined;
}

/**
 * Returns the real path that a file has if its path contains no symbolic links. Two kinds of links do not count: those above
 * the current folder, which lead to where the operator already is, and those in the root folder, which belong to the
 * system, such as `/tmp` on macOS.
 */
async function pathWithoutLinks(path: string, currentFolder: string): Promise<string> {
  const whole = resolve(path);
  const { root } = parse(whole);
  const [first = '', ...rest] = whole.slice(root.length).split(sep);
  let folder = join(root, first);
  for (const [at, name] of rest.entries()) {
    if ((await realPathOf(folder)) === currentFolder) return join(currentFolder, ...rest.slice(at));
    folder = join(folder, name);
  }
  return rest.length === 0 ? whole : join(await realPathOf(join(root, first)), ...rest);
}

/** Returns the path itself if it does not exist: `link/../file` may exist without `file` being next to `link`. */
const realPathOf = (path: string): Promise<string> => realpath(path).catch(() => path);

/** Compares paths. Outside Linux, file systems usually ignore case and Unicode normalization. */
function isSamePath(one: string, other: string): boolean {
  const folded = (path: string) => path.normalize().toLowerCase();
  return one === other || (process.platform !== 'linux' && folded(one) === folded(other));
}

type Kind = Pick<Stats, 'isFile' | 'isDirectory' | 'isFIFO' | 'isSocket'>;

function ensureRegular(path: string, stats: Kind): void {
  if (stats.isFile()) return;
  if (stats.isDirectory()) {
    throw new CommandFailure('usage', `${path} is a folder, not a file.`, 'Name the files in it.');
  }
  const kind = stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device';
  throw new CommandFailure(
    'usage',
    `${path} is a ${kind}, not a file.`,
    'Save what it contains to a file first.',
  );
}

/** Ends a command because a file was written to during its upload. */
export class FileChanged extends CommandFailure {
  constructor(path: string) {
    super('no', `${path} changed during the upload.`, 'Run it again when nothing writes to the file.');
  }
}

function failureToOpen(path: string, error: unknown): unknown {
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new CommandFailure('notFound', `${path} does not exist.`);
  if (code === 'EACCES' || code === 'EPERM') return new CommandFailure('no', `You may not read ${path}.`);
  if (code === 'ELOOP') return new CommandFailure('no', `${path} is a symbolic link that leads to no file.`);
  return error;
}
