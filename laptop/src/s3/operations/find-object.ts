import type { Conditions } from '../../access.ts';
import { failure, type S3Failure } from '../failures.ts';
import { NULL_VERSION, type ObjectVersion, type Version } from '../object-record.ts';
import { existingTagConditions } from '../object-tags.ts';
import { bucketArn, objectArn } from '../permissions.ts';
import type { BucketCall } from './call.ts';

/** The actions on a specific version, keyed by the corresponding action on the latest version. */
const OF_VERSION = {
  GetObject: 'GetObjectVersion',
  GetObjectTagging: 'GetObjectVersionTagging',
  PutObjectTagging: 'PutObjectVersionTagging',
  DeleteObjectTagging: 'DeleteObjectVersionTagging',
} as const;

/**
 * Finds the object that a request names, and checks the permission to perform an action on it.
 *
 * Only callers that are allowed to list the bucket with the key as `s3:prefix` can find out that a key does not exist.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("Permissions")
 */
export async function findObject(
  call: BucketCall,
  key: string,
  versionId: string | undefined,
  permission: keyof typeof OF_VERSION = 'GetObject',
  conditions: Conditions = {},
): Promise<ObjectVersion | S3Failure> {
  const { bucket, checkPermission } = call;
  if (versionId === '')
    return failure('InvalidArgument', { message: 'Version id cannot be the empty string' });
  const version = bucket.find(key, versionId);
  const tags = version?.kind === 'object' ? existingTagConditions(version.tags) : {};
  const action = `s3:${versionId === undefined ? permission : OF_VERSION[permission]}`;
  const denied = await checkPermission(action, objectArn(bucket.name, key), { ...tags, ...conditions });
  if (denied !== undefined) return denied;
  // Another request may have changed the object during the authorization.
  if (bucket.find(key, versionId) !== version)
    return findObject(call, key, versionId, permission, conditions);
  if (version?.kind === 'object') return version;

  const unlisted = await checkPermission('s3:ListBucket', bucketArn(bucket.name), { 's3:prefix': key });
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

/** Returns the version header, or no header if the bucket is unversioned. */
export const versionHeaders = ({ versionId }: Version): Record<string, string> =>
  versionId === NULL_VERSION ? {} : { 'x-amz-version-id': versionId };
