import { rm } from 'node:fs/promises';
import { checksumHeaders } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { partChecksumFailure } from '../multipart/checksum-plan.ts';
import type { MultipartUpload, Part } from '../multipart/multipart-upload.ts';
import { MAX_PARTS } from '../multipart/part-list.ts';
import { encryptionHeaders, unknownHeaderFailure } from '../object-attributes.ts';
import { receiveUpload, type Upload } from '../receive-upload.ts';
import { empty, type Reply } from '../reply.ts';
import { parameter, type S3Request } from '../request.ts';
import { readUploadBody } from '../upload-body.ts';
import type { BucketCall } from './call.ts';
import { findUpload, noSuchUpload } from './find-upload.ts';
import { freshEtag } from './store-object.ts';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(call: BucketCall): Promise<Reply> {
  const { request, buckets } = call;
  const target = await findPartTarget(call);
  if (target.kind === 'failure') return target;
  const { plan, encryption } = target.upload.record;
  const body = readUploadBody(request);
  if (body.kind === 'failure') return body;
  const mismatch = partChecksumFailure(plan, body);
  if (mismatch !== undefined) return mismatch;

  const received = await receiveUpload(request, body, buckets.unfinishedFile(), plan.algorithm);
  if (received.kind === 'failure') return received;
  const part = await storePart(call, target, received);
  if ('kind' in part) return part;
  const { 'x-amz-checksum-type': _, ...checksum } =
    body.checksum === undefined ? {} : checksumHeaders({ ...body.checksum, type: plan.type });
  return empty(200, { etag: `"${part.etag}"`, ...encryptionHeaders(encryption), ...checksum });
}

interface PartTarget {
  readonly kind: 'part-target';
  readonly upload: MultipartUpload;
  readonly partNumber: number;
}

/** Finds the upload that a part belongs to, and checks the permission to upload the part. */
export async function findPartTarget(call: BucketCall): Promise<PartTarget | S3Failure> {
  const { request } = call;
  const partNumber = readPartNumber(request);
  if (typeof partNumber === 'object') return partNumber;
  const found = await findUpload(call, 's3:PutObject');
  if (found.kind === 'failure') return found;
  const { upload } = found;
  return unknownHeaderFailure(request.headers) ?? { kind: 'part-target', upload, partNumber };
}

function readPartNumber(request: S3Request): number | S3Failure {
  const text = parameter(request, 'partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= MAX_PARTS
    ? number
    : failure('InvalidArgument', {
        message: `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`,
        details: { ArgumentName: 'partNumber', ArgumentValue: text },
      });
}

/** Adds a finished file as a part. Fails if the upload was completed or aborted in the meantime. */
export function storePart(
  call: BucketCall,
  { upload, partNumber }: PartTarget,
  { file, size, md5, checksum }: Pick<Upload, 'file' | 'size' | 'md5' | 'checksum'>,
): Promise<Part | S3Failure> {
  const { bucket, clock } = call;
  return upload.exclusively(async () => {
    if (!bucket.uploads.isOpen(upload)) {
      await rm(file);
      return noSuchUpload(call);
    }
    const etag = freshEtag(upload.record, md5);
    return upload.put(file, { partNumber, lastModified: clock(), etag, md5, size, checksum });
  });
}
