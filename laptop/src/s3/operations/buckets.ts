import { isBucketName } from '../bucket-store.ts';
import { failure } from '../failures.ts';
import { bucketArn } from '../permissions.ts';
import { empty, type Reply, xml } from '../reply.ts';
import { document, element } from '../xml.ts';
import type { BucketCall, ServiceCall } from './call.ts';

/** The region that S3 returns as an empty string. */
const CLASSIC_REGION = 'us-east-1';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export async function listBuckets({ buckets, checkPermission, region }: ServiceCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListAllMyBuckets', '*');
  if (denied !== undefined) return denied;
  return xml(
    document('ListAllMyBucketsResult', [
      element('Owner', [element('ID', 'local')]),
      element(
        'Buckets',
        buckets
          .all()
          .map(({ name, createdAt }) =>
            element('Bucket', [
              element('Name', name),
              element('CreationDate', createdAt.toISOString()),
              element('BucketRegion', region),
            ]),
          ),
      ),
    ]),
  );
}

/**
 * Creates a bucket with S3's defaults: without versioning, and encrypted with S3's keys.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export async function createBucket({ request, buckets, checkPermission }: ServiceCall): Promise<Reply> {
  const { bucketName } = request;
  const denied = await checkPermission('s3:CreateBucket', bucketArn(bucketName));
  if (denied !== undefined) return denied;
  if (!isBucketName(bucketName)) return failure('InvalidBucketName', { details: { BucketName: bucketName } });
  if (buckets.find(bucketName) !== undefined) {
    return failure('BucketAlreadyOwnedByYou', { details: { BucketName: bucketName } });
  }
  buckets.create(bucketName, { versioned: false });
  return empty(200, { location: `/${bucketName}` });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export async function headBucket({ bucket, checkPermission, region }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucket', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  return empty(200, { 'x-amz-bucket-region': region, 'x-amz-access-point-alias': 'false' });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export async function getBucketLocation({ bucket, checkPermission, region }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:GetBucketLocation', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  return xml(document('LocationConstraint', region === CLASSIC_REGION ? '' : region));
}
