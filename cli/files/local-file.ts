import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { join, parse, resolve, sep } from 'node:path';
import { isNativeError } from 'node:util/types';
import { CommandFailure } from '../tvm/command-failure.ts';

/** An open file on this computer. */
export interface LocalFile {
  /** The path as the operator gave it. */
  readonly path: string;
  readonly handle: FileHandle;
  /** The size in bytes when the file was opened. */
  readonly size: number;
  /** When the file was last modified, in nanoseconds since 1970. */
  readonly modified: bigint;
  /** @throws CommandFailure if the file has changed since it was opened */
  ensureUnchanged(): Promise<void>;
}

/** Opening does not block on a pipe without a writer, and fails if a symbolic link has replaced the file. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a file. If the path contains a symbolic link, asks for confirmation first, because whoever created the link may
 * not be allowed to read the file that the operator would offer. Checks and reads use the same handle, so a file that
 * is swapped in under the same name is not offered.
 *
 * @param confirmLink is called with the real path of the file, and throws to refuse it
 * @throws CommandFailure if the file is missing, unreadable, or not a regular file, or is replaced while it is opened
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
        throw new CommandFailure(
          'no',
          `${path} was replaced while it was being opened.`,
          'Run the command again.',
        );
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
 * Returns the real path of an open file. On Linux, the kernel reports it. Elsewhere, resolves the opened path again if it
 * still leads to the same file. That check misses a folder that is replaced twice within microseconds.
 */
async function pathOfHandle(handle: FileHandle, opened: string): Promise<string | undefined> {
  if (process.platform === 'linux') return readlink(`/proc/self/fd/${handle.fd}`);
  const [there, here] = [await stat(opened, { bigint: true }), await handle.stat({ bigint: true })];
  return there.dev === here.dev && there.ino === here.ino ? realpath(opened) : undefined;
}

/**
 * Returns the real path that a file would have if its path contained no symbolic links. Ignores two kinds of links:
 * links above the current folder, which lead to where the operator already is, and links in the root folder, which
 * belong to the system, such as `/tmp` on macOS.
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

/** Returns the path itself if it does not exist: `resolve` turns an existing `link/../file` into `file`, which may not exist. */
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
    throw new CommandFailure('usage', `${path} is a folder, not a file.`, 'Specify the files in it.');
  }
  const kind = stats.isFIFO() ? 'pipe' : stats.isSocket() ? 'socket' : 'device';
  throw new CommandFailure(
    'usage',
    `${path} is a ${kind}, not a file.`,
    'Save its contents to a file first.',
  );
}

/** Ends a command because a file changed during its upload. */
export class FileChanged extends CommandFailure {
  constructor(path: string) {
    super(
      'no',
      `${path} changed during the upload.`,
      'Run the command again when nothing is writing to the file.',
    );
  }
}

function failureToOpen(path: string, error: unknown): unknown {
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new CommandFailure('notFound', `${path} does not exist.`);
  if (code === 'EACCES' || code === 'EPERM')
    return new CommandFailure('no', `You do not have permission to read ${path}.`);
  if (code === 'ELOOP')
    return new CommandFailure('no', `${path} is a symbolic link that does not lead to a file.`);
  if (isNativeError(error) && 'syscall' in error)
    return new CommandFailure('no', `${path} could not be read (${String(code)}).`);
  return error;
}
