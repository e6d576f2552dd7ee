import { HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { AssetName } from '../../lambda/operator.ts';
import type { FileDigest } from './file-digest.ts';
import type { LocalFile } from './local-file.ts';
import type { Target } from './upload.ts';

/** A file to be offered, and under which name. */
export interface Wanted {
  readonly asset: AssetName;
  readonly file: LocalFile;
  readonly target: Target;
}

/** What has to be done for it. */
export type Step = Wanted &
  (
    | { readonly kind: 'new' }
    | { readonly kind: 'replace'; readonly digest?: FileDigest }
    | { readonly kind: 'unchanged'; readonly digest: FileDigest; readonly versionId: string | undefined }
  );

/**
 * Compares a file with what is on offer under its name: the very same is left alone, so that a second run changes
 * nothing and no link loses its file.
 *
 * @param digest takes the digests of a file; asked only where the sizes agree
 */
export async function planStep(
  client: S3Client,
  wanted: Wanted,
  digest: (file: LocalFile) => Promise<FileDigest>,
  abortSignal: AbortSignal,
): Promise<Step> {
  const there = await head(client, wanted.target, abortSignal);
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

async function head(
  client: S3Client,
  { Bucket, Key }: Target,
  abortSignal: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }), {
      abortSignal,
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFound') return undefined;
    throw error;
  }
}
