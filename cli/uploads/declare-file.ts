import { createHash } from 'node:crypto';
import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { LocalFile } from '../files/local-file.ts';
import { MEBIBYTE, readRange } from '../files/read-file.ts';

/** Maximum size of a file that is sent whole. S3 cannot compute the SHA-256 of a file that is sent in parts. */
const WHOLE_UP_TO = 64 * MEBIBYTE;

/** The declaration of a file for `POST /uploads`. The server and S3 reject bytes that do not match it. */
export type Declared = {
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
} & (
  | {
      /** Hexadecimal. */
      readonly sha256: string;
    }
  | {
      /** Base64 of eight bytes, big-endian. */
      readonly crc64nvme: string;
    }
);

/**
 * Reads a file once and computes its checksum. S3 will compare it with the checksum of the bytes that arrive.
 *
 * @param advance is called with the number of bytes read
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export async function declareFile(
  { handle, size }: LocalFile,
  { fileName, type }: Pick<Declared, 'fileName' | 'type'>,
  { advance, signal }: { advance(bytes: number): void; readonly signal: AbortSignal },
): Promise<Declared> {
  const isWhole = size <= WHOLE_UP_TO;
  const hash = isWhole ? createHash('sha256') : new Crc64Nvme();
  for await (const chunk of readRange(handle, { start: 0, length: size })) {
    signal.throwIfAborted();
    hash.update(chunk);
    advance(chunk.length);
  }
  const digest = Buffer.from(await hash.digest());
  const file = { fileName, size, type };
  return isWhole
    ? { ...file, sha256: digest.toString('hex') }
    : { ...file, crc64nvme: digest.toString('base64') };
}

/**
 * Returns the idempotency key for a file. A repeated command uses the same key and gets the same session, so it
 * continues where an earlier run stopped.
 *
 * @param ended the IDs of this file's ended sessions, which cannot be resumed
 */
export function keyOfFile({ modified }: LocalFile, declared: Declared, ended: readonly string[]): string {
  const identity = JSON.stringify([declared, String(modified), ended]);
  return `tvm-upload-${createHash('sha256').update(identity).digest('hex')}`;
}
