import type { FileHandle } from 'node:fs/promises';

const ZEROS = Buffer.alloc(1024 ** 2);

/** Writes bytes into a new file, and closes it. Skips buffers of zeros, so that sparse files stay sparse. */
export async function writeSparse(pieces: AsyncIterable<Buffer>, output: FileHandle): Promise<void> {
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
