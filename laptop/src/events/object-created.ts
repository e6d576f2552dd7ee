import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { NULL_VERSION } from '../s3/object-record.ts';
import type { CreatedObject } from '../s3/operations/call.ts';
import { bucketArn } from '../s3/permissions.ts';
import type { StackModel } from '../template/stack-model.ts';
import type { EventContent } from './event.ts';

/**
 * Creates the `Object Created` event that S3 sends for a new object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const objectCreated = (
  { reason, bucket, key, size, etag, versionId }: CreatedObject,
  accountId: string,
  now: Date,
): EventContent => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  resources: [bucketArn(bucket)],
  detail: {
    version: '0',
    'event-version': '1.1',
    bucket: { name: bucket },
    object: {
      key,
      size,
      etag,
      ...(versionId === NULL_VERSION ? {} : { 'version-id': versionId }),
      sequencer: `00${now.getTime().toString(16).toUpperCase()}${randomBytes(2).toString('hex').toUpperCase()}`,
    },
    'request-id': randomBytes(8).toString('hex').toUpperCase(),
    requester: accountId,
    'source-ip-address': '127.0.0.1',
    reason,
  },
});

const Bucket = z.object({
  NotificationConfiguration: z
    .strictObject({ EventBridgeConfiguration: z.object({ EventBridgeEnabled: z.boolean().default(true) }) })
    .optional(),
});

/**
 * Returns the names of the buckets that send their events to EventBridge.
 *
 * @throws LaptopError if a bucket sends events to another destination
 */
export const readNotifyingBuckets = (model: StackModel): ReadonlySet<string> =>
  new Set(
    model
      .ofType('AWS::S3::Bucket')
      .filter(
        (bucket) =>
          model.read(bucket, Bucket).NotificationConfiguration?.EventBridgeConfiguration.EventBridgeEnabled,
      )
      .map((bucket) => model.refOf(bucket)),
  );
