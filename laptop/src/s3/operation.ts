import type { S3Request } from './request.ts';

/** Operations on a bucket, by method and alphabetically sorted subresources. */
const ON_BUCKET = {
  'HEAD ': 'HeadBucket',
  'GET versions': 'ListObjectVersions',
  'GET uploads': 'ListMultipartUploads',
} as const;

/** Operations on an object, by method and alphabetically sorted subresources. */
const ON_OBJECT = {
  'GET ': 'GetObject',
  'GET tagging': 'GetObjectTagging',
  'GET uploadId': 'ListParts',
  'HEAD ': 'HeadObject',
  'PUT ': 'PutObject',
  'PUT tagging': 'PutObjectTagging',
  'PUT partNumber&uploadId': 'UploadPart',
  'POST uploads': 'CreateMultipartUpload',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE ': 'DeleteObject',
  'DELETE tagging': 'DeleteObjectTagging',
  'DELETE uploadId': 'AbortMultipartUpload',
} as const;

/** The operations that copy bytes from an object, each keyed by its counterpart that reads the bytes from the body. */
const AS_COPY = { PutObject: 'CopyObject', UploadPart: 'UploadPartCopy' } as const;

/** The supported operations. */
export type OperationName =
  | 'ListBuckets'
  | 'ListObjectsV2'
  | (typeof ON_BUCKET)[keyof typeof ON_BUCKET]
  | (typeof ON_OBJECT)[keyof typeof ON_OBJECT]
  | (typeof AS_COPY)[keyof typeof AS_COPY];

/**
 * Query parameters that determine which operation a request performs. If local mode ignored one, it would perform the
 * wrong operation.
 */
const SUBRESOURCES: ReadonlySet<string> = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle
  location logging metadataTable metrics notification object-lock ownershipControls partNumber policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent
  uploadId uploads versioning versions website`.split(/\s+/),
);

/** Returns the {@link SUBRESOURCES} in the query of a request. */
export const subresourcesOf = ({ query }: S3Request): readonly string[] =>
  [...query.keys()].filter((name) => SUBRESOURCES.has(name));

/** Returns the operation of a request, or undefined if it is not supported. */
export function operationOf(request: S3Request): OperationName | undefined {
  const { method, bucketName, key, query, headers } = request;
  const requested = `${method} ${[...subresourcesOf(request)].sort().join('&')}`;
  if (bucketName === '') return requested === 'GET ' ? 'ListBuckets' : undefined;
  if (key === '') {
    const lists = requested === 'GET ' && query.get('list-type')?.[0] === '2';
    return lists ? 'ListObjectsV2' : lookUp(ON_BUCKET, requested);
  }
  const operation = lookUp(ON_OBJECT, requested);
  return (headers.has('x-amz-copy-source') && lookUp(AS_COPY, operation ?? '')) || operation;
}

const lookUp = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
