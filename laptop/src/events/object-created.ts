import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ObjectEvent } from '../s3/object-events.ts';
import { NULL_VERSION } from '../s3/object-record.ts';
import { bucketArn } from '../s3/permissions.ts';
import type { StackModel } from '../template/stack-model.ts';
import type { EventContent } from './event.ts';

/** The `reason` in the event, by the type of the change. */
const REASONS: Readonly<Record<string, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Post': 'POST Object',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
};

/** Returns whether a change created an object. */
export const isCreation = ({ type }: ObjectEvent): boolean => type in REASONS;

/**
 * Creates the `Object Created` event that S3 sends for a new object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export const objectCreated = (
  { type, bucket, key, size, etag, versionId }: ObjectEvent,
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
    reason: REASONS[type],
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
