import type { FileHandle } from 'node:fs/promises';
import { FileChanged, type LocalFile } from './local-file.ts';

export const MEBIBYTE = 1024 * 1024;

/** A range of bytes in a file. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** Reads `length` bytes from `start`, or fewer if the file ends earlier. */
export async function* readRange(handle: FileHandle, { start, length }: ByteRange): AsyncGenerator<Buffer> {
  for (let at = start; at < start + length; ) {
    const { buffer, bytesRead } = await handle.read({
      buffer: Buffer.allocUnsafe(Math.min(MEBIBYTE, start + length - at)),
      position: at,
    });
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/**
 * Reads the bytes of a request body. Holds back the last chunk until it has checked that the file is unchanged, because
 * S3 stores nothing until the last byte arrives. If the file has changed, aborts the request: a body that throws would
 * crash the process.
 */
export async function* bytesToSend(
  file: LocalFile,
  range: ByteRange,
  failed: AbortController,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let sent = 0;
  try {
    for await (const chunk of readRange(file.handle, range)) {
      if (sent + chunk.length === range.length) await file.ensureUnchanged();
      sent += chunk.length;
      count(chunk.length);
      yield chunk;
    }
    if (sent < range.length) throw new FileChanged(file.path);
  } catch (error) {
    failed.abort(error);
  }
}
