import { bucketArn } from '../permissions.ts';
import { empty, type Reply, xml } from '../reply.ts';
import { document, element } from '../xml.ts';
import type { BucketCall, ServiceCall } from './call.ts';

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

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html */
export async function headBucket({ bucket, checkPermission, region }: BucketCall): Promise<Reply> {
  const denied = await checkPermission('s3:ListBucket', bucketArn(bucket.name));
  if (denied !== undefined) return denied;
  return empty(200, { 'x-amz-bucket-region': region, 'x-amz-access-point-alias': 'false' });
}
