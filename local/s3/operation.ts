import type { S3Request } from './request.ts';

/** What this S3 can do, by the names of the API. */
export type OperationName =
  | 'ListBuckets'
  | 'CreateBucket'
  | 'HeadBucket'
  | 'GetBucketLocation'
  | 'ListObjectsV2'
  | 'ListObjectVersions'
  | 'PutObject'
  | 'CopyObject'
  | 'GetObject'
  | 'HeadObject'
  | 'DeleteObject';

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
  const subresources = subresourcesOf(request);
  if (subresources.length > 1) return undefined;
  const [subresource] = subresources;
  if (bucketName === '') return method === 'GET' && subresource === undefined ? 'ListBuckets' : undefined;
  if (key === '') return bucketOperation(method, subresource, query.get('list-type')?.[0]);
  if (subresource !== undefined) return undefined;
  switch (method) {
    case 'GET':
      return 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      return headers.has('x-amz-copy-source') ? 'CopyObject' : 'PutObject';
    case 'DELETE':
      return 'DeleteObject';
    default:
      return undefined;
  }
}

function bucketOperation(
  method: string,
  subresource: string | undefined,
  listType: string | undefined,
): OperationName | undefined {
  switch (`${method} ${subresource ?? ''}`) {
    case 'PUT ':
      return 'CreateBucket';
    case 'HEAD ':
      return 'HeadBucket';
    case 'GET location':
      return 'GetBucketLocation';
    case 'GET versions':
      return 'ListObjectVersions';
    case 'GET ':
      return listType === '2' ? 'ListObjectsV2' : undefined;
    default:
      return undefined;
  }
}
