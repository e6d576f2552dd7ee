import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type ByteRange, MEBIBYTE, readRange } from '../files/read-file.ts';

/** The maximum size of a file that is uploaded whole, and the minimum part size for larger files, in bytes. */
export interface UploadShape {
  readonly wholeUpTo: number;
  readonly leastPart: number;
}

/** Every file that can be streamed is uploaded whole, so that S3 knows its SHA-256, which is shown to recipients. */
const UPLOAD_SHAPE: UploadShape = { wholeUpTo: 200_000_000, leastPart: 16 * MEBIBYTE };

const MOST_PARTS = 10_000;

/** The SHA-256 of a file or its parts. `reported` is the checksum that S3 should report after the upload. */
export type FileDigest =
  | { readonly kind: 'whole'; readonly sha256: Buffer; readonly reported: string }
  | { readonly kind: 'parts'; readonly parts: readonly FilePart[]; readonly reported: string };

/** A part of a file in a multipart upload. */
export interface FilePart extends ByteRange {
  /** Starts at 1. */
  readonly number: number;
  /** Base64. */
  readonly sha256: string;
}

/**
 * Reads a file once and computes its digests.
 *
 * @param advance is called with the number of bytes read
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export async function digestFile(
  handle: FileHandle,
  size: number,
  { advance, signal }: { advance(bytes: number): void; readonly signal: AbortSignal },
  { wholeUpTo, leastPart }: UploadShape = UPLOAD_SHAPE,
): Promise<FileDigest> {
  const digestOf = async (start: number, length: number): Promise<Buffer> => {
    const hash = createHash('sha256');
    for await (const chunk of readRange(handle, { start, length })) {
      signal.throwIfAborted();
      hash.update(chunk);
      advance(chunk.length);
    }
    return hash.digest();
  };
  if (size <= wholeUpTo) {
    const sha256 = await digestOf(0, size);
    return { kind: 'whole', sha256, reported: sha256.toString('base64') };
  }
  const partSize = partSizeOf(size, leastPart);
  const parts: FilePart[] = [];
  const all = createHash('sha256');
  for (let start = 0; start < size; start += partSize) {
    const length = Math.min(partSize, size - start);
    const sha256 = await digestOf(start, length);
    all.update(sha256);
    parts.push({ number: parts.length + 1, start, length, sha256: sha256.toString('base64') });
  }
  return { kind: 'parts', parts, reported: `${all.digest('base64')}-${parts.length}` };
}

/** Returns a part size for which 10,000 parts are enough (Amazon S3 User Guide, "Multipart upload limits"). */
export function partSizeOf(size: number, least: number): number {
  return Math.max(least, Math.ceil(size / MOST_PARTS / MEBIBYTE) * MEBIBYTE);
}
