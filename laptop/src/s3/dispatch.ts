import { type CommandBody, readCommandBody } from './command-body.ts';
import { failure } from './failures.ts';
import { type OperationName, operationOf, subresourcesOf } from './operation.ts';
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts';
import { headBucket, listBuckets } from './operations/buckets.ts';
import type { BucketCall, ServiceCall } from './operations/call.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { createMultipartUpload } from './operations/create-multipart-upload.ts';
import { deleteObject } from './operations/delete-object.ts';
import { getObject } from './operations/get-object.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjects } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import { listObjectVersions } from './operations/list-versions.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart } from './operations/upload-part.ts';
import { uploadPartCopy } from './operations/upload-part-copy.ts';
import type { Reply } from './reply.ts';

type BucketOperation = (call: BucketCall) => Reply | Promise<Reply>;

const BUCKET_OPERATIONS: Readonly<Record<Exclude<OperationName, 'ListBuckets'>, BucketOperation>> = {
  HeadBucket: headBucket,
  ListObjectsV2: listObjects,
  ListObjectVersions: listObjectVersions,
  PutObject: putObject,
  CopyObject: copyObject,
  GetObject: getObject,
  HeadObject: getObject,
  DeleteObject: deleteObject,
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
};

/** Operations that stream their body into an object or a part. */
const UPLOADS: ReadonlySet<OperationName> = new Set(['PutObject', 'UploadPart']);

const NO_BODY: CommandBody = { kind: 'command-body', bytes: Buffer.alloc(0) };

/** Performs a request with a verified signature. */
export async function dispatch(call: ServiceCall): Promise<Reply> {
  const { request, buckets } = call;
  const operation = operationOf(request);
  if (operation === undefined) {
    const unsupported = [request.method, ...subresourcesOf(request).map((name) => `?${name}`)].join(' ');
    return failure('NotImplemented', { message: `Not implemented in local mode: ${unsupported}` });
  }
  const body = UPLOADS.has(operation) ? NO_BODY : await readCommandBody(request);
  if (body.kind === 'failure') return body;
  if (operation === 'ListBuckets') return listBuckets(call);
  const bucket = buckets.find(request.bucketName);
  if (bucket === undefined) return failure('NoSuchBucket', { details: { BucketName: request.bucketName } });
  return BUCKET_OPERATIONS[operation]({ ...call, bucket, body: body.bytes });
}
