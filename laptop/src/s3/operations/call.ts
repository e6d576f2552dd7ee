import type { Bucket } from '../bucket.ts';
import type { BucketStore } from '../bucket-store.ts';
import type { S3Failure } from '../failures.ts';
import type { Encryption } from '../object-record.ts';
import { objectArn, type PermissionCheck } from '../permissions.ts';
import type { S3Request } from '../request.ts';

/** The input of an operation on the service. */
export interface ServiceCall {
  readonly request: S3Request;
  readonly buckets: BucketStore;
  readonly checkPermission: PermissionCheck;
  readonly clock: () => Date;
  readonly region: string;
  readonly emit: (created: CreatedObject) => void;
}

/** A new version of an object. */
export interface CreatedObject {
  /** The operation's name in S3's events. */
  readonly reason: 'PutObject' | 'POST Object' | 'CopyObject' | 'CompleteMultipartUpload';
  readonly bucket: string;
  readonly key: string;
  /** `null` in a bucket without versioning. */
  readonly versionId: string;
  /** Size in bytes. */
  readonly size: number;
  /** The ETag without quotes. */
  readonly etag: string;
}

/** The input of an operation on a bucket or object. */
export interface BucketCall extends ServiceCall {
  readonly bucket: Bucket;
  /** The body, checked against the signature. Empty for uploads, which stream it. */
  readonly body: Buffer;
}

/**
 * Checks that the caller is allowed to use an object's KMS key, which S3 uses on the caller's behalf.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function kmsFailure(
  { checkPermission, region }: ServiceCall,
  action: 'kms:Decrypt' | 'kms:GenerateDataKey',
  object: { readonly bucketName: string; readonly key: string; readonly encryption: Encryption },
): Promise<S3Failure | undefined> {
  if (object.encryption.algorithm !== 'aws:kms') return Promise.resolve(undefined);
  return checkPermission(action, object.encryption.keyArn, {
    'aws:ViaAWSService': 'true',
    'aws:CalledVia': ['s3.amazonaws.com'],
    'kms:ViaService': `s3.${region}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': objectArn(object.bucketName, object.key),
  });
}
