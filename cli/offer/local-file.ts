import { type FileHandle, open } from 'node:fs/promises';
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
 * Opens a file to be offered.
 *
 * @throws CommandFailure when it is not there, may not be read, or is no regular file
 */
export async function openLocalFile(path: string): Promise<LocalFile> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw whyNot(path, error);
  });
  const before = await handle.stat({ bigint: true });
  if (!before.isFile()) {
    await handle.close();
    throw new CommandFailure('usage', `${path} is not a file.`, 'Folders are offered file by file.');
  }
  return {
    path,
    handle,
    size: Number(before.size),
    ensureUnchanged: async () => {
      const now = await handle.stat({ bigint: true });
      if (now.size !== before.size || now.mtimeNs !== before.mtimeNs) throw changed(path);
    },
  };
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
  return error;
}
