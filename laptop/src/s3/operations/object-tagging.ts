import { documentFailure } from '../command-body.ts';
import type { S3Failure } from '../failures.ts';
import type { ObjectVersion } from '../object-record.ts';
import { type ObjectTags, readTagging, requestTagConditions, taggingDocument } from '../object-tags.ts';
import { empty, type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import type { BucketCall } from './call.ts';
import { findObject, versionHeaders } from './find-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html */
export async function getObjectTagging(call: BucketCall): Promise<Reply> {
  const { request } = call;
  const object = await findObject(call, request.key, parameter(request, 'versionId'), 'GetObjectTagging');
  return object.kind === 'failure' ? object : xml(taggingDocument(object.tags), versionHeaders(object));
}

/**
 * Replaces all tags of an object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
 */
export async function putObjectTagging(call: BucketCall): Promise<Reply> {
  const spoiled = await documentFailure(call.request, call.body);
  if (spoiled !== undefined) return spoiled;
  const sent = readTagging(call.body);
  if (sent.kind === 'failure') return sent;
  const object = await retag(call, 'PutObjectTagging', sent.tags);
  return object.kind === 'failure' ? object : empty(200, versionHeaders(object));
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjectTagging.html */
export async function deleteObjectTagging(call: BucketCall): Promise<Reply> {
  const object = await retag(call, 'DeleteObjectTagging', []);
  return object.kind === 'failure' ? object : empty(204, versionHeaders(object));
}

async function retag(
  call: BucketCall,
  permission: 'PutObjectTagging' | 'DeleteObjectTagging',
  tags: ObjectTags,
): Promise<ObjectVersion | S3Failure> {
  const { request, bucket } = call;
  const { key } = request;
  const versionId = parameter(request, 'versionId');
  const object = await findObject(call, key, versionId, permission, requestTagConditions(tags));
  if (object.kind === 'failure') return object;
  return bucket.retag(key, object, tags);
}
