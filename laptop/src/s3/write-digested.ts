import { open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChecksumAlgorithm } from './checksums.ts';
import { ContentDigests, type ContentFacts } from './content-digests.ts';

/** Writes a stream into a new file, and digests its bytes. If this fails, it leaves neither a file nor an open stream. */
export async function writeDigested(
  source: Readable,
  file: string,
  algorithm: ChecksumAlgorithm,
): Promise<ContentFacts> {
  const digests = new ContentDigests(algorithm);
  try {
    const output = await open(file, 'wx');
    await pipeline(
      source,
      (pieces: AsyncIterable<Buffer>) => digests.measure(pieces),
      output.createWriteStream(),
    );
    return await digests.finish();
  } catch (error) {
    source.destroy();
    await rm(file, { force: true });
    throw error;
  }
}
