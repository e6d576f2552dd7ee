import { isAfter, pageOf, readListingQuery } from '../listing.ts';
import type { UploadRecord } from '../multipart/multipart-uploads.ts';
import { bucketArn } from '../permissions.ts';
import { type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import { document, element, type Xml } from '../xml.ts';
import type { BucketCall } from './call.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export async function listMultipartUploads({ request, bucket, checkPermission }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucketMultipartUploads', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  const query = readListingQuery(request, 'max-uploads');
  if (query.kind === 'failure') return query;
  const keyMarker = parameter(request, 'key-marker') ?? '';
  // S3 ignores an upload marker without a key marker.
  const uploadIdMarker = keyMarker === '' ? '' : (parameter(request, 'upload-id-marker') ?? '');

  const uploads = bucket.uploads.all().map(({ record }) => record);
  const page = pageOf(uploads, query, isPastMarker(uploads, keyMarker, uploadIdMarker));
  const { encodeKey } = query;
  return xml(
    document('ListMultipartUploadsResult', [
      element('Bucket', bucket.name),
      element('KeyMarker', encodeKey(keyMarker)),
      element('UploadIdMarker', uploadIdMarker),
      page.next && element('NextKeyMarker', encodeKey(page.next.name)),
      page.next?.item && element('NextUploadIdMarker', page.next.item.uploadId),
      element('Prefix', encodeKey(query.prefix)),
      query.delimiter === '' ? undefined : element('Delimiter', encodeKey(query.delimiter)),
      query.encodingType === undefined ? undefined : element('EncodingType', query.encodingType),
      element('MaxUploads', query.maxKeys),
      element('IsTruncated', page.next !== undefined),
      ...page.items.map((upload) => uploadElement(upload, encodeKey)),
      ...page.commonPrefixes.map((prefix) =>
        element('CommonPrefixes', [element('Prefix', encodeKey(prefix))]),
      ),
    ]),
  );
}

/**
 * Creates the predicate that skips uploads up to the marker. A marker without an upload ID skips all uploads of its
 * key.
 */
function isPastMarker(uploads: readonly UploadRecord[], keyMarker: string, uploadIdMarker: string) {
  const marked = uploads.findIndex(({ key, uploadId }) => key === keyMarker && uploadId === uploadIdMarker);
  return (upload: UploadRecord, commonPrefix: string | undefined): boolean => {
    if (keyMarker === '') return false;
    if (commonPrefix === keyMarker) return true;
    if (upload.key !== keyMarker) return !isAfter(upload.key, keyMarker);
    return marked === -1 || uploads.indexOf(upload) <= marked;
  };
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
