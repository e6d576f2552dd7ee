import { Stack, Validations } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { logBucket } from './log-bucket.ts';

export interface FileTrailProps {
  readonly files: Bucket;
  readonly config: Pick<Config, 'stackName' | 'stage' | 'logRetentionDays'>;
}

/**
 * Creates the CloudTrail trail that records who reads objects in the bucket, and nothing else. It writes to a separate
 * bucket.
 */
export class FileTrail extends Construct {
  constructor(scope: Construct, id: string, { files, config }: FileTrailProps) {
    super(scope, id);
    const { account, region, partition } = Stack.of(this);
    // CloudTrail refuses names with adjacent hyphens (AWS CloudTrail User Guide, "CloudTrail resource naming requirements").
    const trailName = `${config.stackName}-files`.replaceAll(/-+/g, '-');
    const bucket = logBucket(this, 'FileTrailBucket', config);
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'The trail shows who read the files. Logging who reads the trail would require yet another bucket.',
    });
    // CloudTrail requires both permissions (AWS CloudTrail User Guide, "Amazon S3 bucket policy for CloudTrail"). They
    // are limited to this trail.
    const trailArn = `arn:${partition}:cloudtrail:${region}:${account}:trail/${trailName}`;
    const principals = [new ServicePrincipal('cloudtrail.amazonaws.com')];
    const ofThisTrail = { 'aws:SourceArn': trailArn };
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailLooksAtItsBucket',
        principals,
        actions: ['s3:GetBucketAcl'],
        resources: [bucket.bucketArn],
        conditions: { StringEquals: ofThisTrail },
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailWrites',
        principals,
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${account}/*`)],
        conditions: { StringEquals: { ...ofThisTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    const trail = new CfnTrail(this, 'FileTrail', {
      trailName,
      s3BucketName: bucket.bucketName,
      isLogging: true,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: false,
      isMultiRegionTrail: false,
      advancedEventSelectors: [
        {
          name: 'Reads of files',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
            { field: 'readOnly', equalTo: ['true'] },
            { field: 'resources.ARN', startsWith: [files.arnForObjects('')] },
          ],
        },
      ],
    });
    trail.overrideLogicalId('FileTrail');
    if (bucket.policy !== undefined) trail.node.addDependency(bucket.policy);
  }
}
