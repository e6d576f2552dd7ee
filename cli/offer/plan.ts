import {
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { AssetName } from '../../lambda/operator.ts';
import type { LocalFile } from '../files/local-file.ts';
import type { FileDigest } from './file-digest.ts';
import type { Target } from './upload.ts';

/** A file to offer, with its name and target. */
export interface Wanted {
  readonly asset: AssetName;
  readonly file: LocalFile;
  readonly target: Target;
}

/** A file, and what must be done to offer it. */
export type Step = Wanted &
  (
    | { readonly kind: 'new' }
    | { readonly kind: 'replace'; readonly digest?: FileDigest }
    | { readonly kind: 'unchanged'; readonly digest: FileDigest; readonly versionId: string | undefined }
  );

/**
 * Compares a file with the offered file of that name. If the bytes, type, and storage class are equal, nothing is
 * uploaded, so a second run changes nothing and links keep working.
 *
 * @param digest computes the digest of a file; called only if the sizes are equal
 */
export async function planStep(
  client: S3Client,
  wanted: Wanted,
  digest: (file: LocalFile) => Promise<FileDigest>,
  abortSignal: AbortSignal,
): Promise<Step> {
  const { Bucket, Key } = wanted.target;
  const there = await headObject(client, { Bucket, Key, ChecksumMode: 'ENABLED' }, abortSignal);
  if (there === undefined) return { ...wanted, kind: 'new' };
  if (there.ContentLength !== wanted.file.size) return { ...wanted, kind: 'replace' };
  const taken = await digest(wanted.file);
  const { ContentType, StorageClass } = wanted.target;
  const same =
    there.ChecksumSHA256 === taken.reported &&
    there.ContentType === ContentType &&
    (there.StorageClass ?? 'STANDARD') === StorageClass;
  return same
    ? { ...wanted, kind: 'unchanged', digest: taken, versionId: there.VersionId }
    : { ...wanted, kind: 'replace', digest: taken };
}

/** Returns the metadata of an object, or `undefined` if it does not exist. */
export async function headObject(
  client: S3Client,
  object: HeadObjectCommandInput,
  abortSignal: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await client.send(new HeadObjectCommand(object), { abortSignal });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return undefined;
    throw error;
  }
}
