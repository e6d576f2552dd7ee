import { failure, type S3Failure } from '../failures.ts';
import type { Version } from '../object-record.ts';
import { objectArn } from '../permissions.ts';
import { empty, type Reply } from '../reply.ts';
import { parameter } from '../request.ts';
import type { BucketCall } from './call.ts';
import { versionHeaders } from './find-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html */
export async function deleteObject(call: BucketCall): Promise<Reply> {
  const { request } = call;
  if (request.headers.has('if-match')) return failure('NotImplemented', { details: { Header: 'If-Match' } });
  const versionId = parameter(request, 'versionId');
  const deletion = await deleteVersion(call, request.key, versionId);
  if (deletion.kind === 'failure') return deletion;
  const { version } = deletion;
  if (version === undefined)
    return empty(204, versionId === undefined ? {} : { 'x-amz-version-id': versionId });
  return empty(204, {
    ...versionHeaders(version),
    ...(version.kind === 'delete-marker' ? { 'x-amz-delete-marker': 'true' } : {}),
  });
}

export interface Deletion {
  readonly kind: 'deletion';
  /** The removed version, or the added delete marker. Undefined if there was nothing to delete. */
  readonly version: Version | undefined;
}

/**
 * Permanently deletes the version whose ID is given. Without an ID, adds a delete marker, or removes the object if the
 * bucket is unversioned. Deleting an object that does not exist succeeds.
 */
export async function deleteVersion(
  { bucket, checkPermission, clock }: BucketCall,
  key: string,
  versionId: string | undefined,
): Promise<Deletion | S3Failure> {
  if (versionId === '')
    return failure('InvalidArgument', { message: 'Version id cannot be the empty string' });
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  const denied = await checkPermission(action, objectArn(bucket.name, key));
  if (denied !== undefined) return denied;

  if (versionId === undefined && bucket.settings.versioned) {
    return { kind: 'deletion', version: bucket.putDeleteMarker(key, clock()) };
  }
  const version = bucket.find(key, versionId);
  if (version !== undefined) bucket.remove(key, version);
  return { kind: 'deletion', version };
}
