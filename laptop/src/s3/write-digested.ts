import { open, rm } from 'node:fs/promises';
import type { ChecksumAlgorithm } from './checksums.ts';
import { ContentDigests, type ContentFacts } from './content-digests.ts';
import { writeSparse } from './write-sparse.ts';

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
