import { decodeOctets } from '../../sigv4/request-target.ts';
import type { Bucket } from '../bucket.ts';
import { failure, type S3Failure } from '../failures.ts';
import type { ObjectVersion } from '../object-record.ts';
import { judgeRead, readPreconditions } from '../preconditions.ts';
import { type BucketCall, kmsFailure } from './call.ts';
import { findObject } from './find-object.ts';

interface SourceAddress {
  readonly kind: 'source-address';
  readonly bucketName: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

export interface CopySource {
  readonly kind: 'copy-source';
  readonly address: SourceAddress;
  readonly sourceBucket: Bucket;
  readonly source: ObjectVersion;
}

/** Finds the object to copy, and checks the request's preconditions and the permissions to read the object. */
export async function findCopySource(call: BucketCall): Promise<CopySource | S3Failure> {
  const { request, buckets } = call;
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
  return { kind: 'copy-source', address, sourceBucket, source };
}

/** Parses `BUCKET/KEY` or `/BUCKET/KEY`, percent-encoded, with or without `?versionId=`. */
function readCopySource(header: string): SourceAddress | S3Failure {
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
    kind: 'source-address',
    bucketName: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    versionId: version,
  };
}
