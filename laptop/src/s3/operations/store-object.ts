import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { checksumHeaders } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { encryptionHeaders, type ObjectAttributes, readObjectAttributes } from '../object-attributes.ts';
import type { ObjectVersion } from '../object-record.ts';
import { readTaggingHeader, requestTagConditions } from '../object-tags.ts';
import { objectArn } from '../permissions.ts';
import { judgeWrite, readPreconditions } from '../preconditions.ts';
import { type BucketCall, type CreatedObject, kmsFailure } from './call.ts';
import { versionHeaders } from './find-object.ts';

/** Reads the attributes of a new object, and checks all permissions that are needed to create it. */
export async function readNewObject(call: BucketCall): Promise<ObjectAttributes | S3Failure> {
  const { request, bucket, checkPermission } = call;
  if (Buffer.byteLength(request.key) > 1024) return failure('KeyTooLongError');
  // This check comes first, so that a forbidden request is denied even if local mode does not support it.
  const resource = objectArn(bucket.name, request.key);
  const tagging = readTaggingHeader(request.headers);
  const wanted = tagging.kind === 'tags' ? requestTagConditions(tagging.tags) : {};
  const denied = await checkPermission('s3:PutObject', resource, wanted);
  if (denied !== undefined) return denied;
  const attributes = readObjectAttributes(request.headers, bucket.settings);
  if (attributes.kind === 'failure') return attributes;
  if (attributes.tags.length > 0) {
    const untagged = await checkPermission('s3:PutObjectTagging', resource, wanted);
    if (untagged !== undefined) return untagged;
  }
  const { encryption } = attributes;
  const target = { bucketName: bucket.name, key: request.key, encryption };
  return (await kmsFailure(call, 'kms:GenerateDataKey', target)) ?? attributes;
}

/** Returns the ETag: the MD5, or random digits with KMS encryption, because S3's ETag is not the MD5 in that case. */
export const freshEtag = ({ encryption }: Pick<ObjectVersion, 'encryption'>, md5: string): string =>
  encryption.algorithm === 'aws:kms' ? randomBytes(16).toString('hex') : md5;

/** The bytes of a new object in finished files, one per part, with their size and digests. */
export type NewContent = Pick<ObjectVersion, 'size' | 'md5' | 'etag' | 'checksum' | 'parts'> & {
  readonly files: readonly string[];
};

/**
 * Adds finished files as an object. Checks the preconditions again, because another request may have changed the object
 * during the upload.
 */
export function storeObject(
  call: BucketCall,
  { files, ...content }: NewContent,
  { headers, storageClass, encryption, tags }: Omit<ObjectAttributes, 'kind'>,
  reason: CreatedObject['reason'],
): ObjectVersion | S3Failure {
  const { request, bucket, clock, emit } = call;
  const late = writeFailure(call);
  if (late !== undefined) {
    for (const file of files) rmSync(file);
    return late;
  }
  const draft = {
    kind: 'object',
    lastModified: clock(),
    ...content,
    headers,
    storageClass,
    encryption,
    tags,
  } as const;
  const object = bucket.put(request.key, files, draft);
  const { size, etag } = object;
  emit({ reason, bucket: bucket.name, key: request.key, versionId: object.versionId, size, etag });
  return object;
}

/** Returns the headers that describe a new version. */
export const writtenHeaders = (object: ObjectVersion): Record<string, string> => ({
  etag: `"${object.etag}"`,
  ...versionHeaders(object),
  ...encryptionHeaders(object.encryption),
  ...checksumHeaders(object.checksum),
});

/** Checks the preconditions of a write against the current version of the key. */
export function writeFailure({ request, bucket }: BucketCall): S3Failure | undefined {
  const preconditions = readPreconditions(request.headers);
  switch (judgeWrite(preconditions, bucket.find(request.key))) {
    case 'proceed':
      return undefined;
    case 'missing':
      return failure('NoSuchKey', { details: { Key: request.key } });
    case 'unsupported':
      return failure('NotImplemented', { details: { Header: 'If-None-Match' } });
    case 'failed':
      return failure('PreconditionFailed', {
        details: { Condition: preconditions.ifNoneMatch === undefined ? 'If-Match' : 'If-None-Match' },
      });
  }
}
