import { checksumHeaders } from '../checksums.ts';
import { failure } from '../failures.ts';
import { CONTENT_HEADERS, encryptionHeaders } from '../object-attributes.ts';
import type { ObjectVersion } from '../object-record.ts';
import { readSlice } from '../object-slice.ts';
import { judgeRead, readPreconditions } from '../preconditions.ts';
import { empty, type Reply } from '../reply.ts';
import { parameter, type S3Request } from '../request.ts';
import { StoredBytes } from '../stored-bytes.ts';
import { type BucketCall, kmsFailure } from './call.ts';
import { findObject, versionHeaders } from './find-object.ts';

const ARCHIVED: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * Returns an object for GetObject, and only its headers for HeadObject.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export async function getObject(call: BucketCall): Promise<Reply> {
  const { request, bucket } = call;
  const versionId = parameter(request, 'versionId');
  const object = await findObject(call, request.key, versionId);
  if (object.kind === 'failure') return object;
  const wantsBytes = request.method === 'GET';
  const wantsChecksum = request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  if (wantsBytes && ARCHIVED.has(object.storageClass)) {
    return failure('InvalidObjectState', { details: { StorageClass: object.storageClass } });
  }
  if (wantsBytes || wantsChecksum) {
    const { encryption } = object;
    const target = { bucketName: bucket.name, key: request.key, encryption };
    const denied = await kmsFailure(call, 'kms:Decrypt', target);
    if (denied !== undefined) return denied;
    // Another request may have replaced the object during the authorization.
    if (bucket.find(request.key, versionId) !== object) return getObject(call);
  }

  const verdict = judgeRead(readPreconditions(request.headers), object);
  if (verdict === 'failed') return failure('PreconditionFailed');
  if (verdict === 'not-modified') return empty(304, validators(object));
  const overrides = readOverrides(request);
  if (overrides === undefined) {
    return failure('InvalidArgument', { message: 'Header value cannot be represented using ISO-8859-1.' });
  }

  const slice = readSlice(request, object);
  if (slice.kind === 'failure') return slice;
  const { status, start, end, checksum } = slice;
  const headers = {
    ...validators(object),
    ...object.headers,
    ...(object.storageClass === 'STANDARD' ? {} : { 'x-amz-storage-class': object.storageClass }),
    ...encryptionHeaders(object.encryption),
    ...(wantsChecksum && checksum !== undefined ? checksumHeaders(checksum) : {}),
    ...overrides,
    'accept-ranges': 'bytes',
    'content-length': String(end - start + 1),
    ...slice.headers,
  };
  if (!wantsBytes || start > end) return empty(status, headers);
  return {
    kind: 'bytes',
    status,
    headers,
    bytes: new StoredBytes(bucket, request.key, object, slice),
  };
}

const validators = (object: ObjectVersion): Record<string, string> => ({
  etag: `"${object.etag}"`,
  'last-modified': object.lastModified.toUTCString(),
  ...versionHeaders(object),
});

/** Returns the headers that the query overrides, or undefined if a value is not allowed in a header. */
function readOverrides(request: S3Request): Record<string, string> | undefined {
  const overrides: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = parameter(request, `response-${name}`);
    if (value === undefined) continue;
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return undefined;
    overrides[name] = value;
  }
  return overrides;
}
