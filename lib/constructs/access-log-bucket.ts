import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { removalPolicyFor } from '../removal.ts';
import { setLogicalId } from './logical-id.ts';

/**
 * Creates the bucket where S3 logs reads and writes of files. Its lines hold presigned URLs, which have all expired
 * when they arrive, because S3 delivers them hours later. It is a separate bucket, so that readers of files need no
 * right to the logs, and readers of logs need none to the files. S3 delivers logs only to buckets that are encrypted with
 * S3's own keys (Amazon S3 User Guide, "Enabling Amazon S3 server access logging"), so the data key does not protect it.
 */
export function accessLogBucket(
  scope: Construct,
  { stage, logRetentionDays }: Pick<Config, 'stage' | 'logRetentionDays'>,
): IBucket {
  const removalPolicy = removalPolicyFor(stage);
  const bucket = new Bucket(scope, 'AccessLogBucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    encryption: BucketEncryption.S3_MANAGED,
    lifecycleRules: [{ id: 'ForgetOldLogs', expiration: Duration.days(logRetentionDays) }],
    removalPolicy,
    autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
  });
  setLogicalId(bucket, 'AccessLogBucket');
  // The CDK types the optional properties of a bucket more loosely than those of its interface.
  return bucket as IBucket;
}
