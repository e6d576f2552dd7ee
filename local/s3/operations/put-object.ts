import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { checksumHeaders } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { encryptionHeaders, type ObjectAttributes, readObjectAttributes } from '../object-attributes.ts';
import type { ObjectVersion } from '../object-record.ts';
import { objectArn } from '../permissions.ts';
import { judgeWrite, readPreconditions } from '../preconditions.ts';
import { receiveUpload, type Upload } from '../receive-upload.ts';
import { empty, type Reply } from '../reply.ts';
import { readUploadBody } from '../upload-body.ts';
import { type BucketCall, kmsFailure } from './call.ts';
import { versionHeaders } from './find-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export async function putObject(call: BucketCall): Promise<Reply> {
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const body = readUploadBody(call.request);
  if (body.kind === 'failure') return body;
  const early = writeFailure(call);
  if (early !== undefined) return early;

  const upload = await receiveUpload(call.request, body, call.buckets.unfinishedFile());
  if (upload.kind === 'failure') return upload;
  const object = storeObject(call, upload, attributes, 'ObjectCreated:Put');
  return object.kind === 'failure' ? object : empty(200, writtenHeaders(object));
}

/** Reads what a PUT or copy will make, and asks for every right it takes. */
export async function readNewObject(call: BucketCall): Promise<ObjectAttributes | S3Failure> {
  const { request, bucket, demand } = call;
  if (Buffer.byteLength(request.key) > 1024) return failure('KeyTooLongError');
  // Asked first: what a policy forbids is refused as forbidden, even where the laptop does not implement it.
  const denied = await demand('s3:PutObject', objectArn(bucket.name, request.key));
  if (denied !== undefined) return denied;
  const attributes = readObjectAttributes(request.headers, bucket.settings);
  if (attributes.kind === 'failure') return attributes;
  const { encryption } = attributes;
  const target = { bucketName: bucket.name, key: request.key, encryption };
  return (await kmsFailure(call, 'kms:GenerateDataKey', target)) ?? attributes;
}

/**
 * Takes a finished file in, unless a precondition fails. Judged again at this moment: another request may have
 * won while the bytes were on their way.
 */
export function storeObject(
  call: BucketCall,
  upload: Upload,
  { headers, storageClass, encryption }: ObjectAttributes,
  type: 'ObjectCreated:Put' | 'ObjectCreated:Copy',
): ObjectVersion | S3Failure {
  const { request, bucket, clock, emit } = call;
  const late = writeFailure(call);
  if (late !== undefined) {
    rmSync(upload.file);
    return late;
  }
  const { size, md5, checksum } = upload;
  // As on S3, the ETag of an object under a KMS key is no MD5 of its bytes.
  const etag = encryption.algorithm === 'aws:kms' ? randomBytes(16).toString('hex') : md5;
  const lastModified = clock();
  const draft = {
    kind: 'object',
    lastModified,
    etag,
    md5,
    size,
    headers,
    storageClass,
    encryption,
    checksum,
  } as const;
  const object = bucket.put(request.key, upload.file, draft);
  emit({ type, bucket: bucket.name, key: request.key, versionId: object.versionId, size, etag });
  return object;
}

/** What a PUT or copy reports of the version it made. */
export const writtenHeaders = (object: ObjectVersion): Record<string, string> => ({
  etag: `"${object.etag}"`,
  ...versionHeaders(object),
  ...encryptionHeaders(object.encryption),
  ...checksumHeaders(object.checksum),
});

function writeFailure({ request, bucket }: BucketCall): S3Failure | undefined {
  const asked = readPreconditions(request.headers);
  switch (judgeWrite(asked, bucket.find(request.key))) {
    case 'proceed':
      return undefined;
    case 'missing':
      return failure('NoSuchKey', { details: { Key: request.key } });
    case 'unsupported':
      return failure('NotImplemented', { details: { Header: 'If-None-Match' } });
    case 'failed':
      return failure('PreconditionFailed', {
        details: { Condition: asked.ifNoneMatch === undefined ? 'If-Match' : 'If-None-Match' },
      });
  }
}
