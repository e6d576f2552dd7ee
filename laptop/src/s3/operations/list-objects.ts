import { failure } from '../failures.ts';
import { isAfter, pageOf, readListingQuery } from '../listing.ts';
import { bucketArn } from '../permissions.ts';
import { type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjects({ request, bucket, checkPermission }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucket', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  const query = readListingQuery(request);
  if (query.kind === 'failure') return query;
  const token = parameter(request, 'continuation-token');
  const startAfter = parameter(request, 'start-after');
  const after = token === undefined ? startAfter : Buffer.from(token, 'base64url').toString('utf8');
  if (after === '' && token !== undefined) {
    return failure('InvalidArgument', { message: 'The continuation token provided is incorrect' });
  }

  const objects = bucket
    .records()
    .flatMap(({ key, versions: [latest] }) => (latest?.kind === 'object' ? [{ key, latest }] : []));
  const page = pageOf(
    objects,
    query,
    ({ key }, commonPrefix) => after !== undefined && (!isAfter(key, after) || commonPrefix === after),
  );
  const { encodeKey } = query;
  return xml(
    document('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encodeKey(query.prefix)),
      query.delimiter === '' ? undefined : element('Delimiter', encodeKey(query.delimiter)),
      element('MaxKeys', query.maxKeys),
      query.encodingType === undefined ? undefined : element('EncodingType', query.encodingType),
      element('KeyCount', page.items.length + page.commonPrefixes.length),
      element('IsTruncated', page.next !== undefined),
      token === undefined ? undefined : element('ContinuationToken', token),
      page.next && element('NextContinuationToken', Buffer.from(page.next.name).toString('base64url')),
      startAfter === undefined ? undefined : element('StartAfter', encodeKey(startAfter)),
      ...page.items.map(({ key, latest }) =>
        element('Contents', [
          element('Key', encodeKey(key)),
          element('LastModified', latest.lastModified.toISOString()),
          element('ETag', `"${latest.etag}"`),
          element('ChecksumAlgorithm', latest.checksum.algorithm.toUpperCase()),
          element('ChecksumType', latest.checksum.type),
          element('Size', latest.size),
          element('StorageClass', latest.storageClass),
        ]),
      ),
      ...page.commonPrefixes.map((prefix) =>
        element('CommonPrefixes', [element('Prefix', encodeKey(prefix))]),
      ),
    ]),
  );
}
