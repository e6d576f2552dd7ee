import { failure } from '../failures.ts';
import { objectArn } from '../permissions.ts';
import { empty, type Reply } from '../reply.ts';
import { parameter } from '../request.ts';
import type { BucketCall } from './call.ts';
import { versionHeaders } from './find-object.ts';

/**
 * Permanently deletes the version whose ID is given. Without an ID, adds a delete marker, or removes the object if the
 * bucket is unversioned. Deleting an object that does not exist succeeds.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function deleteObject({ bucket, checkPermission, clock, request }: BucketCall): Promise<Reply> {
  if (request.headers.has('if-match')) return failure('NotImplemented', { details: { Header: 'If-Match' } });
  const { key } = request;
  const versionId = parameter(request, 'versionId');
  if (versionId === '')
    return failure('InvalidArgument', { message: 'Version id cannot be the empty string' });
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  const denied = await checkPermission(action, objectArn(bucket.name, key));
  if (denied !== undefined) return denied;

  if (versionId === undefined && bucket.settings.versioned) {
    const marker = bucket.putDeleteMarker(key, clock());
    return empty(204, { ...versionHeaders(marker), 'x-amz-delete-marker': 'true' });
  }
  const version = bucket.find(key, versionId);
  if (version === undefined)
    return empty(204, versionId === undefined ? {} : { 'x-amz-version-id': versionId });
  bucket.remove(key, version);
  return empty(204, {
    ...versionHeaders(version),
    ...(version.kind === 'delete-marker' ? { 'x-amz-delete-marker': 'true' } : {}),
  });
}
