import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { FileChanged, type LocalFile } from '../files/local-file.ts';
import { bytesToSend } from '../files/read-file.ts';
import { CommandFailure } from '../tvm/command-failure.ts';
import { isNetworkError } from '../tvm/failure-of.ts';
import type { FileDigest } from './file-digest.ts';
import { uploadInParts } from './upload-in-parts.ts';

/** The S3 object for a file. */
export interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
  readonly StorageClass: StorageClass;
}

/** Callback and signal for reporting progress and stopping an upload. */
export interface Watch {
  readonly signal: AbortSignal;
  /** Called with the number of bytes that were sent; negative if they have to be sent again. */
  advance(bytes: number): void;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Uploads a file, and checks that S3 has exactly the bytes that were read. Every request contains the precomputed
 * SHA-256, so S3 rejects any other bytes. At the end, compares the checksum that S3 reports with the expected one.
 *
 * @returns the version ID
 * @throws CommandFailure if the file changed, or S3 reports a different checksum; the file is then not offered
 */
export async function upload(
  client: S3Client,
  target: Target,
  file: LocalFile,
  digest: FileDigest,
  watch: Watch,
): Promise<string | undefined> {
  try {
    const { VersionId, ChecksumSHA256 } =
      digest.kind === 'whole'
        ? await putWhole(client, target, file, digest, watch)
        : await uploadInParts(client, target, file, digest, watch);
    if (ChecksumSHA256 !== digest.reported) {
      await client.send(new DeleteObjectCommand({ Bucket: target.Bucket, Key: target.Key, VersionId }));
      throw new CommandFailure(
        'no',
        `S3 reports a different checksum for ${file.path}.`,
        'The upload was deleted. Run the command again.',
      );
    }
    return VersionId;
  } catch (error) {
    // S3 rejected the bytes because the file has changed since its SHA-256 was computed.
    if (isNativeError(error) && ['BadDigest', 'IncompleteBody'].includes(error.name))
      throw new FileChanged(file.path);
    throw error;
  }
}

/** Uploads a file in one request. Implements its own retries, because the SDK cannot send a stream twice. */
async function putWhole(
  client: S3Client,
  target: Target,
  file: LocalFile,
  { reported }: FileDigest,
  { signal, advance }: Watch,
): Promise<PutObjectCommandOutput> {
  for (let attempt = 1; ; attempt++) {
    let sent = 0;
    const failed = new AbortController();
    const body = bytesToSend(file, { start: 0, length: file.size }, failed, (bytes) => {
      sent += bytes;
      advance(bytes);
    });
    try {
      return await client.send(
        new PutObjectCommand({
          ...target,
          Body: file.size === 0 ? Buffer.alloc(0) : Readable.from(body, { objectMode: false }),
          ContentLength: file.size,
          ChecksumSHA256: reported,
        }),
        { abortSignal: AbortSignal.any([signal, failed.signal]) },
      );
    } catch (error) {
      failed.signal.throwIfAborted();
      if (signal.aborted || attempt === ATTEMPTS || !isTemporary(error)) throw error;
      advance(-sent);
      await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** Returns whether an error is a temporary failure of the network or of S3. */
function isTemporary(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('$fault' in error) return error.$fault === 'server' || error.name === 'SlowDown';
  return isNetworkError(error);
}
