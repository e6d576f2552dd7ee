import type { S3Request } from './request.ts';

/** What a request on the bucket asks for, by its method and the parameters that matter, in their order. */
const ON_BUCKET = {
  'PUT ': 'CreateBucket',
  'HEAD ': 'HeadBucket',
  'GET location': 'GetBucketLocation',
  'GET versions': 'ListObjectVersions',
  'GET uploads': 'ListMultipartUploads',
  'POST delete': 'DeleteObjects',
} as const;

/** The same for requests on an object. */
const ON_OBJECT = {
  'GET ': 'GetObject',
  'GET partNumber': 'GetObject',
  'GET tagging': 'GetObjectTagging',
  'GET uploadId': 'ListParts',
  'HEAD ': 'HeadObject',
  'HEAD partNumber': 'HeadObject',
  'PUT ': 'PutObject',
  'PUT tagging': 'PutObjectTagging',
  'PUT partNumber&uploadId': 'UploadPart',
  'POST uploads': 'CreateMultipartUpload',
  'POST uploadId': 'CompleteMultipartUpload',
  'DELETE ': 'DeleteObject',
  'DELETE tagging': 'DeleteObjectTagging',
  'DELETE uploadId': 'AbortMultipartUpload',
} as const;

/** What becomes of an operation whose bytes are those of another object. */
const AS_COPY = { PutObject: 'CopyObject', UploadPart: 'UploadPartCopy' } as const;

/** What this S3 can do, by the names of the API. */
export type OperationName =
  | 'ListBuckets'
  | 'ListObjectsV2'
  | (typeof ON_BUCKET)[keyof typeof ON_BUCKET]
  | (typeof ON_OBJECT)[keyof typeof ON_OBJECT]
  | (typeof AS_COPY)[keyof typeof AS_COPY];

/** Parameters that turn a request into another one; ignoring them would do something that was not asked for. */
const SUBRESOURCES: ReadonlySet<string> = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle
  location logging metadataTable metrics notification object-lock ownershipControls partNumber policy policyStatus
  publicAccessBlock renameObject replication requestPayment restore retention select session tagging torrent
  uploadId uploads versioning versions website`.split(/\s+/),
);

/** The parameters of a request that make it another one than its method and path say. */
export const subresourcesOf = ({ query }: S3Request): readonly string[] =>
  [...query.keys()].filter((name) => SUBRESOURCES.has(name));

/** Names the operation that is asked for; undefined if there is none such here. */
export function operationOf(request: S3Request): OperationName | undefined {
  const { method, bucketName, key, query, headers } = request;
  const asked = `${method} ${[...subresourcesOf(request)].sort().join('&')}`;
  if (bucketName === '') return asked === 'GET ' ? 'ListBuckets' : undefined;
  if (key === '') {
    const lists = asked === 'GET ' && query.get('list-type')?.[0] === '2';
    return lists ? 'ListObjectsV2' : lookUp(ON_BUCKET, asked);
  }
  const operation = lookUp(ON_OBJECT, asked);
  return (headers.has('x-amz-copy-source') && lookUp(AS_COPY, operation ?? '')) || operation;
}

const lookUp = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
