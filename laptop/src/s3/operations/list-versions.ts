import { failure } from '../failures.ts';
import { isAfter, pageOf, readListingQuery } from '../listing.ts';
import type { KeyRecord, Version } from '../object-record.ts';
import { bucketArn } from '../permissions.ts';
import { type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import { document, element, type Xml } from '../xml.ts';
import type { BucketCall } from './call.ts';

interface Entry {
  readonly key: string;
  readonly version: Version;
  readonly position: number;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export async function listObjectVersions({ request, bucket, checkPermission }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucketVersions', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  const query = readListingQuery(request);
  if (query.kind === 'failure') return query;
  const keyMarker = parameter(request, 'key-marker') ?? '';
  const versionMarker = parameter(request, 'version-id-marker') ?? '';
  if (keyMarker === '' && versionMarker !== '') {
    return failure('InvalidArgument', {
      message: 'A version-id marker cannot be specified without a key marker.',
    });
  }

  const records = bucket.records();
  const page = pageOf(records.flatMap(entriesOf), query, isPastMarker(records, keyMarker, versionMarker));
  const { encodeKey } = query;
  return xml(
    document('ListVersionsResult', [
      element('Name', bucket.name),
      element('Prefix', encodeKey(query.prefix)),
      element('KeyMarker', encodeKey(keyMarker)),
      element('VersionIdMarker', versionMarker),
      page.next && element('NextKeyMarker', encodeKey(page.next.name)),
      page.next?.item && element('NextVersionIdMarker', page.next.item.version.versionId),
      element('MaxKeys', query.maxKeys),
      query.delimiter === '' ? undefined : element('Delimiter', encodeKey(query.delimiter)),
      query.encodingType === undefined ? undefined : element('EncodingType', query.encodingType),
      element('IsTruncated', page.next !== undefined),
      ...page.items.map((entry) => versionElement(entry, encodeKey)),
      ...page.commonPrefixes.map((prefix) =>
        element('CommonPrefixes', [element('Prefix', encodeKey(prefix))]),
      ),
    ]),
  );
}

const entriesOf = ({ key, versions }: KeyRecord): readonly Entry[] =>
  versions.map((version, position) => ({ key, version, position }));

/**
 * Creates the predicate that skips versions up to the marker. A marker without a version ID skips all versions of its
 * key.
 */
function isPastMarker(records: readonly KeyRecord[], keyMarker: string, versionMarker: string) {
  const marked = records.find(({ key }) => key === keyMarker)?.versions ?? [];
  const position =
    versionMarker === '' ? -1 : marked.findIndex(({ versionId }) => versionId === versionMarker);
  return (entry: Entry, commonPrefix: string | undefined): boolean => {
    if (keyMarker === '') return false;
    if (commonPrefix === keyMarker) return true;
    if (entry.key !== keyMarker) return !isAfter(entry.key, keyMarker);
    return position === -1 || entry.position <= position;
  };
}

function versionElement({ key, version, position }: Entry, encodeKey: (text: string) => string): Xml {
  const common = [
    element('Key', encodeKey(key)),
    element('VersionId', version.versionId),
    element('IsLatest', position === 0),
    element('LastModified', version.lastModified.toISOString()),
  ];
  if (version.kind === 'delete-marker') return element('DeleteMarker', common);
  return element('Version', [
    ...common,
    element('ETag', `"${version.etag}"`),
    element('ChecksumAlgorithm', version.checksum.algorithm.toUpperCase()),
    element('ChecksumType', version.checksum.type),
    element('Size', version.size),
    element('StorageClass', version.storageClass),
  ]);
}
