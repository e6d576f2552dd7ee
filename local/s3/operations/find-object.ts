import { failure, type S3Failure } from '../failures.ts';
import { NULL_VERSION, type ObjectVersion, type Version } from '../object-record.ts';
import { bucketArn, objectArn } from '../permissions.ts';
import type { BucketCall } from './call.ts';

/**
 * Finds the object that a read is about, with the right to read it.
 *
 * A key that is not there is only said to be missing to a caller who may list the bucket; `s3:prefix` is then
 * the key, as IAM sees it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("Permissions")
 */
export async function findObject(
  { bucket, demand }: BucketCall,
  key: string,
  versionId: string | undefined,
): Promise<ObjectVersion | S3Failure> {
  if (versionId === '')
    return failure('InvalidArgument', { message: 'Version id cannot be the empty string' });
  const action = versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  const denied = await demand(action, objectArn(bucket.name, key));
  if (denied !== undefined) return denied;
  const version = bucket.find(key, versionId);
  if (version?.kind === 'object') return version;

  const unlisted = await demand('s3:ListBucket', bucketArn(bucket.name), { 's3:prefix': key });
  if (unlisted !== undefined) return unlisted;
  if (version === undefined) {
    return versionId === undefined
      ? failure('NoSuchKey', { details: { Key: key } })
      : failure('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  }
  const headers = { 'x-amz-delete-marker': 'true', ...versionHeaders(version) };
  return versionId === undefined
    ? failure('NoSuchKey', { details: { Key: key }, headers })
    : failure('MethodNotAllowed', { headers: { ...headers, allow: 'DELETE' } });
}

/** Buckets without versioning do not speak of versions. */
export const versionHeaders = ({ versionId }: Version): Record<string, string> =>
  versionId === NULL_VERSION ? {} : { 'x-amz-version-id': versionId };
