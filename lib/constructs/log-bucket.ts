import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { keepPolicyOf, removalPolicyFor } from '../removal.ts';
import { setLogicalId } from './logical-id.ts';

/**
 * Creates a bucket for logs, which are deleted after `logRetentionDays`. It is separate, so that readers of files need
 * no permissions on logs, and vice versa. S3 delivers access logs only to buckets that are encrypted with S3's own keys
 * (Amazon S3 User Guide, "Enabling Amazon S3 server access logging"), so this bucket cannot use the data key.
 */
export function logBucket(
  scope: Construct,
  id: string,
  { stage, logRetentionDays }: Pick<Config, 'stage' | 'logRetentionDays'>,
): Bucket {
  const removalPolicy = removalPolicyFor(stage);
  const bucket = new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ id: 'ForgetOldLogs', expiration: Duration.days(logRetentionDays) }],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  setLogicalId(bucket, id);
  keepPolicyOf(bucket, stage);
  return bucket;
}
