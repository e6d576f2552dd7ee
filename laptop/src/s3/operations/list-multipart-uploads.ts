import { failure } from '../failures.ts';
import { readListingQuery } from '../listing.ts';
import type { UploadRecord } from '../multipart/multipart-uploads.ts';
import { bucketArn } from '../permissions.ts';
import { type Reply, xml } from '../reply.ts';
import { document, element, type Xml } from '../xml.ts';
import type { BucketCall } from './call.ts';

/** Unsupported parameters, which would group the listing or divide it into pages. */
const UNSUPPORTED = ['delimiter', 'key-marker', 'max-uploads', 'upload-id-marker'];

/**
 * Lists all uploads with a prefix on one page.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
export async function listMultipartUploads({ request, bucket, checkPermission }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucketMultipartUploads', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  const unsupported = UNSUPPORTED.find((name) => request.query.has(name));
  if (unsupported !== undefined) return failure('NotImplemented', { details: { Parameter: unsupported } });
  const query = readListingQuery(request);
  if (query.kind === 'failure') return query;
  const { prefix, encodeKey, encodingType } = query;
  const uploads = bucket.uploads
    .all()
    .map(({ record }) => record)
    .filter(({ key }) => key.startsWith(prefix));
  return xml(
    document('ListMultipartUploadsResult', [
      element('Bucket', bucket.name),
      element('Prefix', encodeKey(prefix)),
      encodingType === undefined ? undefined : element('EncodingType', encodingType),
      element('IsTruncated', false),
      ...uploads.map((upload) => uploadElement(upload, encodeKey)),
    ]),
  );
}

function uploadElement(
  { key, uploadId, initiated, storageClass, plan }: UploadRecord,
  encodeKey: (text: string) => string,
): Xml {
  const chosen = plan.chosenBy === 'client';
  return element('Upload', [
    element('Key', encodeKey(key)),
    element('UploadId', uploadId),
    element('Initiator', [element('ID', 'local')]),
    element('Owner', [element('ID', 'local')]),
    element('StorageClass', storageClass),
    element('Initiated', initiated.toISOString()),
    chosen ? element('ChecksumAlgorithm', plan.algorithm.toUpperCase()) : undefined,
    chosen ? element('ChecksumType', plan.type) : undefined,
  ]);
}
