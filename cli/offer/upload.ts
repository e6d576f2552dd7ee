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
import { CommandFailure } from '../tvm/command-failure.ts';
import { isNetworkError } from '../tvm/failure-of.ts';
import { type FileDigest, readStretch } from './file-digest.ts';
import { changed, type LocalFile } from './local-file.ts';
import { uploadInParts } from './upload-in-parts.ts';

/** Where a file goes, and as what. */
export interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
  readonly StorageClass: StorageClass;
}

/** How an upload is watched and stopped. */
export interface Watch {
  readonly signal: AbortSignal;
  advance(bytes: number): void;
  /** What was sent has to be sent again. */
  takeBack(bytes: number): void;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;

/**
 * Uploads a file and proves that what S3 has is what was read here: every request carries the SHA-256 that was taken
 * before, S3 refuses other bytes, and what it reports in the end is compared.
 *
 * @returns the version that S3 gave it
 * @throws CommandFailure when the file changed meanwhile; nothing is on offer then
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
        'The upload was deleted. Run it again.',
      );
    }
    return VersionId;
  } catch (error) {
    // What S3 refuses because its SHA-256, or its length, is not the one that was taken before.
    if (isNativeError(error) && ['BadDigest', 'IncompleteBody'].includes(error.name))
      throw changed(file.path);
    throw error;
  }
}

/** The SDK does not send a stream a second time: each attempt gets one of its own. */
async function putWhole(
  client: S3Client,
  target: Target,
  file: LocalFile,
  { reported }: FileDigest,
  { signal, advance, takeBack }: Watch,
): Promise<PutObjectCommandOutput> {
  for (let attempt = 1; ; attempt++) {
    let sent = 0;
    const failed = new AbortController();
    const body = bytesToSend(file, failed, (bytes) => {
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
      if (signal.aborted || attempt === ATTEMPTS || !isPassing(error)) throw error;
      takeBack(sent);
      await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/**
 * The bytes of a file, the last of them only once it is sure that the file is still what was opened: until then S3 waits
 * and has nothing to offer. A body that throws would bring down the process, so the request is aborted instead.
 */
async function* bytesToSend(
  file: LocalFile,
  failed: AbortController,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let sent = 0;
  try {
    for await (const chunk of readStretch(file.handle, 0, file.size)) {
      if (sent + chunk.length === file.size) await file.ensureUnchanged();
      sent += chunk.length;
      count(chunk.length);
      yield chunk;
    }
    if (sent < file.size) throw changed(file.path);
  } catch (error) {
    failed.abort(error);
  }
}

/** Trouble of the network or of S3 itself, which another attempt may not meet. */
function isPassing(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if ('$fault' in error) return error.$fault === 'server' || error.name === 'SlowDown';
  return isNetworkError(error);
}
