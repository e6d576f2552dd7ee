import { isBucketName } from '../bucket-store.ts';
import { failure } from '../failures.ts';
import { bucketArn } from '../permissions.ts';
import { empty, type Reply, xml } from '../reply.ts';
import { document, element } from '../xml.ts';
import type { BucketCall, ServiceCall } from './call.ts';

/** The region that S3 calls by the empty name. */
const CLASSIC_REGION = 'us-east-1';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html */
export function listBuckets({ buckets, may, region }: ServiceCall): Reply {
  if (!may('s3:ListAllMyBuckets', '*')) return failure('AccessDenied');
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
 * CreateBucket: without versioning, encrypted with keys of S3, as on S3.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
 */
export function createBucket({ request, buckets, may }: ServiceCall): Reply {
  const { bucketName } = request;
  if (!may('s3:CreateBucket', bucketArn(bucketName))) return failure('AccessDenied');
  if (!isBucketName(bucketName)) return failure('InvalidBucketName', { details: { BucketName: bucketName } });
  if (buckets.find(bucketName) !== undefined) {
    return failure('BucketAlreadyOwnedByYou', { details: { BucketName: bucketName } });
  }
  buckets.create(bucketName, { versioned: false });
  return empty(200, { location: `/${bucketName}` });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export function headBucket({ bucket, may, region }: BucketCall): Reply {
  if (!may('s3:ListBucket', bucketArn(bucket.name))) return failure('AccessDenied');
  return empty(200, { 'x-amz-bucket-region': region, 'x-amz-access-point-alias': 'false' });
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html */
export function getBucketLocation({ bucket, may, region }: BucketCall): Reply {
  if (!may('s3:GetBucketLocation', bucketArn(bucket.name))) return failure('AccessDenied');
  return xml(document('LocationConstraint', region === CLASSIC_REGION ? '' : region));
}
