import { createHash } from 'node:crypto';
import { readSmallBody } from '../loopback-server.ts';
import { failure, type S3Failure } from './failures.ts';
import { type OperationName, operationOf, subresourcesOf } from './operation.ts';
import { createBucket, getBucketLocation, headBucket, listBuckets } from './operations/buckets.ts';
import type { BucketCall, ServiceCall } from './operations/call.ts';
import { copyObject } from './operations/copy-object.ts';
import { deleteObject } from './operations/delete-object.ts';
import { getObject } from './operations/get-object.ts';
import { listObjects } from './operations/list-objects.ts';
import { listObjectVersions } from './operations/list-versions.ts';
import { putObject } from './operations/put-object.ts';
import type { Reply } from './reply.ts';
import type { S3Request } from './request.ts';

type BucketOperation = (call: BucketCall) => Reply | Promise<Reply>;

const BUCKET_OPERATIONS: Readonly<
  Record<Exclude<OperationName, 'ListBuckets' | 'CreateBucket'>, BucketOperation>
> = {
  HeadBucket: headBucket,
  GetBucketLocation: getBucketLocation,
  ListObjectsV2: listObjects,
  ListObjectVersions: listObjectVersions,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
};

/** The longest body of a request that is no upload. */
const MAX_COMMAND_BYTES = 65_536;

/** Carries out a request whose signature is genuine. */
export async function dispatch(call: ServiceCall): Promise<Reply> {
  const { request, buckets } = call;
  const operation = operationOf(request);
  if (operation === undefined) {
    const asked = [request.method, ...subresourcesOf(request).map((name) => `?${name}`)].join(' ');
    return failure('NotImplemented', { message: `Not implemented on the laptop: ${asked}` });
  }
  if (operation !== 'PutObject') {
    const refused = await commandBodyFailure(request);
    if (refused !== undefined) return refused;
  }
  if (operation === 'ListBuckets') return listBuckets(call);
  if (operation === 'CreateBucket') return createBucket(call);
  const bucket = buckets.find(request.bucketName);
  if (bucket === undefined) return failure('NoSuchBucket', { details: { BucketName: request.bucketName } });
  return BUCKET_OPERATIONS[operation]({ ...call, bucket });
}

/** The body of everything but an upload is small or empty, and has to be what was signed. */
async function commandBodyFailure({
  message,
  response,
  signature,
}: S3Request): Promise<S3Failure | undefined> {
  const body = await readSmallBody(message, response, MAX_COMMAND_BYTES);
  if (body === undefined) return failure('EntityTooLarge');
  const { payloadHash } = signature;
  if (payloadHash === 'UNSIGNED-PAYLOAD') return undefined;
  return payloadHash === createHash('sha256').update(body).digest('hex')
    ? undefined
    : failure('XAmzContentSHA256Mismatch');
}
