import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandOutput,
  type S3Client,
  type StorageClass,
} from '@aws-sdk/client-s3';
import { CommandFailure } from '../tvm/command-failure.ts';
import { failureOf } from '../tvm/failure-of.ts';
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
        `S3 reports another checksum for ${file.path} than was read.`,
        'It was taken back.',
      );
    }
    return VersionId;
  } catch (error) {
    // What S3 refuses because its SHA-256, or its length, is not the one that was taken before.
    if (error instanceof Error && ['BadDigest', 'IncompleteBody'].includes(error.name))
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
    const count = async function* () {
      for await (const chunk of readStretch(file.handle, 0, file.size)) {
        sent += chunk.length;
        advance(chunk.length);
        yield chunk;
      }
      // Before the last byte is acknowledged: a file that grew would otherwise be offered cut short.
      await file.ensureUnchanged();
    };
    try {
      return await client.send(
        new PutObjectCommand({
          ...target,
          Body: file.size === 0 ? Buffer.alloc(0) : Readable.from(count(), { objectMode: false }),
          ContentLength: file.size,
          ChecksumSHA256: reported,
        }),
        { abortSignal: signal },
      );
    } catch (error) {
      if (signal.aborted || attempt === ATTEMPTS || !isPassing(error)) throw error;
      takeBack(sent);
      await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** Trouble of the network or of S3 itself, which another attempt may not meet. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('$fault' in error) return error.$fault === 'server' || error.name === 'SlowDown';
  return failureOf(error)?.ending === 'unreachable' && !('$metadata' in error);
}
