import { failure, type S3Failure } from '../failures.ts';
import type { MultipartUpload } from '../multipart/multipart-upload.ts';
import { objectArn } from '../permissions.ts';
import { parameter } from '../request.ts';
import { type BucketCall, kmsFailure } from './call.ts';

export interface FoundUpload {
  readonly kind: 'upload';
  readonly upload: MultipartUpload;
}

/**
 * Finds the upload that a request names, and checks the permission to perform an action on it. All actions except
 * aborting also need permission to use the KMS key.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export async function findUpload(
  call: BucketCall,
  action: 's3:PutObject' | 's3:ListMultipartUploadParts' | 's3:AbortMultipartUpload',
): Promise<FoundUpload | S3Failure> {
  const { request, bucket, checkPermission } = call;
  const denied = await checkPermission(action, objectArn(bucket.name, request.key));
  if (denied !== undefined) return denied;
  const upload = bucket.uploads.find(request.key, parameter(request, 'uploadId') ?? '');
  if (upload === undefined) return noSuchUpload(call);
  if (action !== 's3:AbortMultipartUpload') {
    const { encryption } = upload.record;
    const undecrypted = await kmsFailure(call, 'kms:Decrypt', {
      bucketName: bucket.name,
      key: request.key,
      encryption,
    });
    if (undecrypted !== undefined) return undecrypted;
  }
  return { kind: 'upload', upload };
}

/** Creates the failure for an upload that does not exist, or was completed or aborted. */
export const noSuchUpload = ({ request }: BucketCall): S3Failure =>
  failure('NoSuchUpload', { details: { UploadId: parameter(request, 'uploadId') ?? '' } });
