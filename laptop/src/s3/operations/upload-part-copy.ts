import { checksumElement } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { encryptionHeaders } from '../object-attributes.ts';
import { type Reply, xml } from '../reply.ts';
import { StoredBytes } from '../stored-bytes.ts';
import { writeDigested } from '../write-digested.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';
import { findCopySource } from './copy-source.ts';
import { versionHeaders } from './find-object.ts';
import { findPartTarget, storePart } from './upload-part.ts';

/** Maximum size of a part: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

/**
 * Adds a part that contains the bytes of an object, or a range of them.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
export async function uploadPartCopy(call: BucketCall): Promise<Reply> {
  const { request, buckets } = call;
  const target = await findPartTarget(call);
  if (target.kind === 'failure') return target;
  const { plan, encryption } = target.upload.record;
  const found = await findCopySource(call);
  if (found.kind === 'failure') return found;
  const { address, sourceBucket, source } = found;
  // Another request may have replaced the source during the authorization.
  if (sourceBucket.find(address.key, address.versionId) !== source) return uploadPartCopy(call);
  const range = readCopyRange(request.headers.get('x-amz-copy-source-range'), source.size);
  if (range.kind === 'failure') return range;

  const file = buckets.unfinishedFile();
  const bytes = new StoredBytes(sourceBucket, address.key, source, range);
  const writing = writeDigested(bytes.read(), file, plan.algorithm);
  const facts = await writing.finally(() => bytes.close());
  const checksum = facts.checksum(plan.algorithm);
  const part = await storePart(call, target, { ...facts, file, checksum });
  if ('kind' in part) return part;
  return xml(
    document('CopyPartResult', [
      element('LastModified', part.lastModified.toISOString()),
      element('ETag', `"${part.etag}"`),
      plan.chosenBy === 'client' ? element(checksumElement(plan.algorithm), checksum.value) : undefined,
    ]),
    { ...encryptionHeaders(encryption), ...sourceVersionHeaders(versionHeaders(source)) },
  );
}

/** Offsets of the first and the last byte to copy. If the end is before the start, nothing is copied. */
interface CopyRange {
  readonly kind: 'range';
  readonly start: number;
  readonly end: number;
}

function readCopyRange(header: string | undefined, size: number): CopyRange | S3Failure {
  if (header === undefined) {
    return size > MAX_BYTES
      ? failure('InvalidRequest', { message: 'The copy source is larger than 5 GiB.' })
      : { kind: 'range', start: 0, end: size - 1 };
  }
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === undefined || last === undefined || start > end) {
    return failure('InvalidArgument', {
      message:
        'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    });
  }
  if (end >= size) {
    return failure('InvalidArgument', {
      message: `Range specified is not valid for source object of size: ${size}`,
    });
  }
  return end - start >= MAX_BYTES ? failure('EntityTooLarge') : { kind: 'range', start, end };
}

const sourceVersionHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace('x-amz-', 'x-amz-copy-source-'), value]),
  );
