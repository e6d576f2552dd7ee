import { type FileHandle, open, rm } from 'node:fs/promises';
import type { ChecksumAlgorithm } from './checksums.ts';
import { ContentDigests, type ContentFacts } from './content-digests.ts';

/** Writes bytes into a new file, and digests them. If writing fails, the file is removed. */
export async function writeDigested(
  pieces: AsyncIterable<Buffer>,
  file: string,
  ...algorithms: readonly ChecksumAlgorithm[]
): Promise<ContentFacts> {
  const digests = new ContentDigests(...algorithms);
  try {
    const output = await open(file, 'wx');
    await writeSparse(digests.measure(pieces), output);
    return await digests.finish();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

const ZEROS = Buffer.alloc(1024 ** 2);

/** Writes bytes into a new file, and closes it. Skips buffers of zeros, so that sparse files stay sparse. */
async function writeSparse(pieces: AsyncIterable<Buffer>, output: FileHandle): Promise<void> {
  try {
    let position = 0;
    for await (const piece of pieces) {
      const end = position + piece.length;
      if (ZEROS.subarray(0, piece.length).equals(piece)) position = end;
      while (position < end) {
        const rest = piece.subarray(position - end);
        position += (await output.write(rest, 0, rest.length, position)).bytesWritten;
      }
    }
    await output.truncate(position);
  } finally {
    await output.close();
  }
}
