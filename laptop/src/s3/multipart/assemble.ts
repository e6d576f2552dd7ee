import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ContentFacts } from '../content-digests.ts';
import { writeDigested } from '../write-digested.ts';
import type { MultipartUpload, Part } from './multipart-upload.ts';

/** The size of the chunks in which parts are read, in bytes. */
const PIECE_BYTES = 1024 ** 2;

/**
 * Writes the parts of an upload into a new file, one after another, and keeps the parts. If this fails, it leaves no
 * file.
 */
export function assemble(
  upload: MultipartUpload,
  parts: readonly Part[],
  file: string,
): Promise<ContentFacts> {
  async function* bytes() {
    for (const part of parts) yield* createReadStream(upload.pathOf(part), { highWaterMark: PIECE_BYTES });
  }
  return writeDigested(Readable.from(bytes()), file, upload.record.plan.algorithm);
}

/** Returns the ETag of a multipart object: the MD5 of the MD5s of its parts, followed by their number. */
export function etagOfParts(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.md5, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}
