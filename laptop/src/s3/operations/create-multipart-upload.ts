import { planHeaders, readChecksumPlan } from '../multipart/checksum-plan.ts';
import { encryptionHeaders } from '../object-attributes.ts';
import { type Reply, xml } from '../reply.ts';
import { document, element } from '../xml.ts';
import type { BucketCall } from './call.ts';
import { readNewObject } from './store-object.ts';

/**
 * Creates a multipart upload. The metadata, storage class, encryption, and tags in this request apply to the object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
 */
export async function createMultipartUpload(call: BucketCall): Promise<Reply> {
  const { request, bucket, clock } = call;
  const attributes = await readNewObject(call);
  if (attributes.kind === 'failure') return attributes;
  const plan = readChecksumPlan(request.headers);
  if (plan.kind === 'failure') return plan;
  const { kind: _, ...properties } = attributes;
  const { record } = bucket.uploads.begin({ ...properties, key: request.key, initiated: clock(), plan });
  return xml(
    document('InitiateMultipartUploadResult', [
      element('Bucket', bucket.name),
      element('Key', request.key),
      element('UploadId', record.uploadId),
    ]),
    { ...encryptionHeaders(record.encryption), ...planHeaders(plan) },
  );
}
