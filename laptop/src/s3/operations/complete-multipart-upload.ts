import { createHash } from 'node:crypto';
import { linkSync, rmSync } from 'node:fs';
import type { BucketStore } from '../bucket-store.ts';
import { algorithmOfHeader, checksumElement, type ObjectChecksum } from '../checksums.ts';
import { failure, type S3Failure, wrongChecksum } from '../failures.ts';
import { type ChecksumPlan, checksumOfParts } from '../multipart/checksum-plan.ts';
import type { MultipartUpload, Part } from '../multipart/multipart-upload.ts';
import { readPartList } from '../multipart/part-list.ts';
import type { ObjectVersion } from '../object-record.ts';
import { type Reply, xml } from '../reply.ts';
import { objectUrl } from '../request.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';
import { findUpload, noSuchUpload } from './find-upload.ts';
import { freshEtag, type NewContent, storeObject, writeFailure, writtenHeaders } from './store-object.ts';

/**
 * Completes a multipart upload atomically: if this fails, no object is created, and the upload does not change.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(call: BucketCall): Promise<Reply> {
  const { request, bucket } = call;
  const found = await findUpload(call, 's3:PutObject');
  if (found.kind === 'failure') return found;
  const { upload } = found;
  const object = await upload.exclusively(() => complete(call, upload));
  if (object.kind === 'failure') return object;
  const { algorithm, value, type } = object.checksum;
  const { etag: _, ...written } = writtenHeaders(object);
  return xml(
    document('CompleteMultipartUploadResult', [
      element('Location', objectUrl({ ...request, host: request.headers.get('host') ?? '' })),
      element('Bucket', bucket.name),
      element('Key', request.key),
      element('ETag', `"${object.etag}"`),
      element(checksumElement(algorithm), value),
      element('ChecksumType', type),
    ]),
    Object.fromEntries(Object.entries(written).filter(([name]) => !name.startsWith('x-amz-checksum-'))),
  );
}

async function complete(call: BucketCall, upload: MultipartUpload): Promise<ObjectVersion | S3Failure> {
  const { request, bucket, buckets, body } = call;
  if (!bucket.uploads.isOpen(upload)) return noSuchUpload(call);
  const { plan } = upload.record;
  const list = readPartList(body, upload);
  if (list.kind === 'failure') return list;
  const { parts } = list;
  const refused =
    typeFailure(request.headers, plan) ?? sizeFailure(request.headers, parts) ?? writeFailure(call);
  if (refused !== undefined) return refused;

  const checksum = await checksumOfParts(plan, parts);
  const wrong = checksumFailure(request.headers, checksum);
  if (wrong !== undefined) return wrong;
  const content: NewContent = {
    files: linkParts(upload, parts, buckets),
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: etagOfObject(upload, parts),
    checksum,
    parts: parts.map(({ size }) => ({ size })),
  };
  const object = storeObject(call, content, upload.record, 'CompleteMultipartUpload');
  if (object.kind !== 'failure') bucket.uploads.remove(upload);
  return object;
}

/**
 * Hard-links the files of the parts, because the client would time out if gigabytes were copied. If linking fails, no
 * files are left behind.
 */
function linkParts(upload: MultipartUpload, parts: readonly Part[], buckets: BucketStore): readonly string[] {
  const files: string[] = [];
  try {
    for (const part of parts) {
      const file = buckets.unfinishedFile();
      linkSync(upload.pathOf(part), file);
      files.push(file);
    }
    return files;
  } catch (error) {
    for (const file of files) rmSync(file);
    throw error;
  }
}

/**
 * Returns the ETag of the object: the MD5 of the parts' MD5s, followed by the number of parts. With KMS encryption,
 * random digits replace the MD5.
 */
function etagOfObject({ record }: MultipartUpload, parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.md5, 'hex');
  return `${freshEtag(record, md5.digest('hex'))}-${parts.length}`;
}

function typeFailure(headers: ReadonlyMap<string, string>, { type }: ChecksumPlan): S3Failure | undefined {
  const requested = headers.get('x-amz-checksum-type');
  if (requested === undefined || requested === type) return undefined;
  return failure('InvalidRequest', {
    message: `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
  });
}

function sizeFailure(headers: ReadonlyMap<string, string>, parts: readonly Part[]): S3Failure | undefined {
  const claimed = headers.get('x-amz-mp-object-size');
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (claimed === undefined || claimed === String(size)) return undefined;
  return failure('InvalidRequest', {
    message: `The provided 'x-amz-mp-object-size' header does not match what was computed.`,
  });
}

/** Rejects an incorrect object checksum. The client can omit the number of parts at the end of a composite checksum. */
function checksumFailure(
  headers: ReadonlyMap<string, string>,
  { algorithm, value }: ObjectChecksum,
): S3Failure | undefined {
  for (const [name, expected] of headers) {
    const claimed = algorithmOfHeader(name);
    if (claimed === undefined) continue;
    if (claimed !== algorithm || (expected !== value && expected !== value.replace(/-\d+$/, ''))) {
      return wrongChecksum(claimed);
    }
  }
  return undefined;
}
