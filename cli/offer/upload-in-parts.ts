import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { FileChanged, type LocalFile } from '../files/local-file.ts';
import { readRange } from '../files/read-file.ts';
import type { FileDigest, FilePart } from './file-digest.ts';
import type { Target, Watch } from './upload.ts';

/** Number of parts that are uploaded at the same time. Each is held in memory: 16 MiB for files up to 160 GB. */
const CONCURRENCY = 4;

/**
 * Uploads a large file in parts. If the upload fails or is stopped, waits for the parts in flight and then aborts the
 * upload, because leftover parts would cost money.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function uploadInParts(
  client: S3Client,
  target: Target,
  file: LocalFile,
  { parts }: Extract<FileDigest, { readonly kind: 'parts' }>,
  { signal, advance }: Watch,
): Promise<CompleteMultipartUploadCommandOutput> {
  const { Bucket, Key } = target;
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'SHA256', ChecksumType: 'COMPOSITE' }),
    { abortSignal: signal },
  );
  const failed = new AbortController();
  const abortSignal = AbortSignal.any([signal, failed.signal]);
  const underWay = new Set<Promise<unknown>>();
  const uploadPart = async (part: FilePart): Promise<CompletedPart> => {
    const Body = await readPart(file, part);
    const { ETag } = await client.send(
      new UploadPartCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: part.number,
        Body,
        ChecksumSHA256: part.sha256,
      }),
      { abortSignal },
    );
    advance(part.length);
    return { PartNumber: part.number, ETag, ChecksumSHA256: part.sha256 };
  };
  const tracked = (part: FilePart): Promise<CompletedPart> => {
    const uploading = uploadPart(part);
    underWay.add(uploading);
    return uploading;
  };
  try {
    const Parts = await pMap(parts, tracked, { concurrency: CONCURRENCY, signal: abortSignal });
    await file.ensureUnchanged();
    return await client.send(
      new CompleteMultipartUploadCommand({
        Bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts },
        MpuObjectSize: file.size,
      }),
      { abortSignal },
    );
  } catch (error) {
    failed.abort();
    await Promise.allSettled(underWay);
    // Report the first error. If the abort fails, the next run aborts this upload.
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch(() => undefined);
    throw error;
  }
}

async function readPart(file: LocalFile, range: FilePart): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of readRange(file.handle, range)) chunks.push(chunk);
  const part = Buffer.concat(chunks);
  if (part.length !== range.length) throw new FileChanged(file.path);
  return part;
}

/**
 * Aborts the unfinished uploads that killed runs left behind for exactly this key.
 *
 * @returns the number of uploads aborted
 */
export async function abortStaleUploads(
  client: S3Client,
  { Bucket, Key }: Pick<Target, 'Bucket' | 'Key'>,
  abortSignal: AbortSignal,
): Promise<number> {
  // One response is enough: S3 returns up to 1,000 uploads, and lists this key before longer keys.
  const list = new ListMultipartUploadsCommand({ Bucket, Prefix: Key });
  const { Uploads = [] } = await client.send(list, { abortSignal });
  const stale = Uploads.filter((upload) => upload.Key === Key);
  for (const { UploadId } of stale) {
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal });
  }
  return stale.length;
}
