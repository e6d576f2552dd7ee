import { failure } from '../failures.ts';
import { objectArn } from '../permissions.ts';
import { empty, type Reply } from '../reply.ts';
import { parameter } from '../request.ts';
import type { BucketCall } from './call.ts';
import { versionHeaders } from './find-object.ts';

/**
 * DeleteObject: with a version id it removes that version for good; without one it lays a delete marker, or
 * removes the object if the bucket has no versions. What is not there is deleted as well.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function deleteObject({ request, bucket, demand, clock, emit }: BucketCall): Promise<Reply> {
  const { key } = request;
  const versionId = parameter(request, 'versionId');
  if (versionId === '')
    return failure('InvalidArgument', { message: 'Version id cannot be the empty string' });
  const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
  const denied = await demand(action, objectArn(bucket.name, key));
  if (denied !== undefined) return denied;

  if (versionId === undefined && bucket.settings.versioned) {
    const marker = bucket.putDeleteMarker(key, clock());
    emit({
      type: 'ObjectRemoved:DeleteMarkerCreated',
      bucket: bucket.name,
      key,
      versionId: marker.versionId,
    });
    return empty(204, { 'x-amz-delete-marker': 'true', ...versionHeaders(marker) });
  }
  const version = bucket.find(key, versionId);
  if (version === undefined)
    return empty(204, versionId === undefined ? {} : { 'x-amz-version-id': versionId });
  bucket.remove(key, version);
  emit({ type: 'ObjectRemoved:Delete', bucket: bucket.name, key, versionId: version.versionId });
  return empty(204, {
    ...versionHeaders(version),
    ...(version.kind === 'delete-marker' ? { 'x-amz-delete-marker': 'true' } : {}),
  });
}
