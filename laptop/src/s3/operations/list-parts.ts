import { checksumElement } from '../checksums.ts';
import { failure } from '../failures.ts';
import { readLimit } from '../listing.ts';
import { type Reply, xml } from '../reply.ts';
import { parameter } from '../request.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';
import { findUpload } from './find-upload.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export async function listParts(call: BucketCall): Promise<Reply> {
  const { request, bucket } = call;
  const found = await findUpload(call, 's3:ListMultipartUploadParts');
  if (found.kind === 'failure') return found;
  const { record } = found.upload;
  const limit = readLimit(request, 'max-parts');
  if (typeof limit === 'object') return limit;
  const marker = parameter(request, 'part-number-marker') ?? '0';
  if (!/^\d{1,9}$/.test(marker)) {
    return failure('InvalidArgument', {
      message: 'Provided part-number-marker not an integer or within integer range',
    });
  }

  const rest = found.upload.parts().filter(({ partNumber }) => partNumber > Number(marker));
  const page = rest.slice(0, limit);
  const chosen = record.plan.chosenBy === 'client';
  return xml(
    document('ListPartsResult', [
      element('Bucket', bucket.name),
      element('Key', record.key),
      element('UploadId', record.uploadId),
      element('PartNumberMarker', marker),
      element('NextPartNumberMarker', page.at(-1)?.partNumber ?? 0),
      element('MaxParts', limit),
      element('IsTruncated', page.length < rest.length),
      element('Initiator', [element('ID', 'local')]),
      element('Owner', [element('ID', 'local')]),
      element('StorageClass', record.storageClass),
      chosen ? element('ChecksumAlgorithm', record.plan.algorithm.toUpperCase()) : undefined,
      chosen ? element('ChecksumType', record.plan.type) : undefined,
      ...page.map(({ partNumber, lastModified, etag, size, checksum }) =>
        element('Part', [
          element('PartNumber', partNumber),
          element('LastModified', lastModified.toISOString()),
          element('ETag', `"${etag}"`),
          element('Size', size),
          chosen ? element(checksumElement(checksum.algorithm), checksum.value) : undefined,
        ]),
      ),
    ]),
  );
}
