import { open, rm } from 'node:fs/promises';
import type { ChecksumAlgorithm } from './checksums.ts';
import { ContentDigests, type ContentFacts } from './content-digests.ts';
import type { StoredBytes } from './stored-bytes.ts';
import { writeSparse } from './write-sparse.ts';

/** Copies bytes into a new file, and digests them. If this fails, it leaves neither a new file nor open ones. */
export async function writeDigested(
  source: StoredBytes,
  file: string,
  algorithm: ChecksumAlgorithm,
): Promise<ContentFacts> {
  const digests = new ContentDigests(algorithm);
  try {
    const output = await open(file, 'wx');
    await writeSparse(digests.measure(source.read()), output);
    return await digests.finish();
  } catch (error) {
    source.close();
    await rm(file, { force: true });
    throw error;
  }
}
