import { linkSync } from 'node:fs';
import { decodeOctets } from '../../sigv4/request-target.ts';
import { failure, type S3Failure } from '../failures.ts';
import { judgeRead, readPreconditions } from '../preconditions.ts';
import { type Reply, xml } from '../reply.ts';
import { document, element } from '../xml.ts';
import { type BucketCall, kmsFailure } from './call.ts';
import { findObject } from './find-object.ts';
import { readNewObject, storeObject, writtenHeaders } from './put-object.ts';

/** The largest object that a single copy may make: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export async function copyObject(call: BucketCall): Promise<Reply> {
  const { request, bucket, buckets } = call;
  const address = readCopySource(request.headers.get('x-amz-copy-source') ?? '');
  if (address.kind === 'failure') return address;
  const sourceBucket = buckets.find(address.bucketName);
  if (sourceBucket === undefined)
    return failure('NoSuchBucket', { details: { BucketName: address.bucketName } });
  const source = await findObject({ ...call, bucket: sourceBucket }, address.key, address.versionId);
  if (source.kind === 'failure') return source;
  const denied = await kmsFailure(call, 'kms:Decrypt', { ...address, encryption: source.encryption });
  if (denied !== undefined) return denied;
  const verdict = judgeRead(readPreconditions(request.headers, 'x-amz-copy-source-'), source);
  if (verdict !== 'proceed') return failure('PreconditionFailed');
  if (source.size > MAX_BYTES)
    return failure('InvalidRequest', { message: 'The copy source is larger than 5 GiB.' });

  const replaces = request.headers.get('x-amz-metadata-directive') === 'REPLACE';
  const changes = ['x-amz-storage-class', 'x-amz-server-side-encryption'].some((name) =>
    request.headers.has(name),
  );
  const sameObject =
    sourceBucket === bucket && address.key === request.key && address.versionId === undefined;
  if (sameObject && !replaces && !changes) {
    return failure('InvalidRequest', {
      message: 'The copy request is illegal: it changes nothing of the object.',
    });
  }
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  // Another request may have replaced the source while IAM was asked.
  if (sourceBucket.find(address.key, address.versionId) !== source) return copyObject(call);

  const file = buckets.unfinishedFile();
  // The files of versions never change, so that two may share their bytes.
  linkSync(sourceBucket.pathOf(address.key, source), file);
  const { size, md5, checksum } = source;
  const upload = { kind: 'upload', file, size, md5, checksum } as const;
  const headers = replaces ? attributes.headers : source.headers;
  const object = storeObject(call, upload, { ...attributes, headers }, 'ObjectCreated:Copy');
  if (object.kind === 'failure') return object;
  const { etag: _, ...written } = writtenHeaders(object);
  return xml(
    document('CopyObjectResult', [
      element('LastModified', object.lastModified.toISOString()),
      element('ETag', `"${object.etag}"`),
      element(`Checksum${object.checksum.algorithm.toUpperCase()}`, object.checksum.value),
      element('ChecksumType', 'FULL_OBJECT'),
    ]),
    { ...written, 'x-amz-copy-source-version-id': source.versionId },
  );
}

interface CopySource {
  readonly kind: 'copy-source';
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** `BUCKET/KEY` or `/BUCKET/KEY`, percent-encoded, perhaps with `?versionId=`. */
function readCopySource(header: string): CopySource | S3Failure {
  const [path = '', version] = header.split('?versionId=', 2);
  const decoded = decodeOctets(path.replace(/%[0-9a-f]{2}/gi, (octet) => octet.toUpperCase()))?.replace(
    /^\//,
    '',
  );
  const slash = decoded?.indexOf('/') ?? -1;
  if (decoded === undefined || slash < 1 || slash === decoded.length - 1) {
    return failure('InvalidArgument', { message: 'Invalid copy source object key' });
  }
  return {
    kind: 'copy-source',
    bucketName: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    versionId: version,
  };
}
