import * as z from 'zod/mini';
import type { Milestone, Telemetry } from '../domain/ports.ts';
import {
  type JudgeDependencies,
  type Judged,
  judgeUpload,
  type Message,
  resultOf,
} from '../domain/uploads/judge-upload.ts';
import { SCAN_TAGS } from '../domain/uploads/ports.ts';
import { uploadOfKey } from '../domain/uploads/upload.ts';
import { createQueueHandler } from './queue-handler.ts';

/**
 * Events from S3 and GuardDuty that EventBridge forwards. Only the fields used here are read.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
const uploadEvent = z.discriminatedUnion('source', [
  z.object({
    source: z.literal('aws.s3'),
    'detail-type': z.literal('Object Created'),
    detail: z.object({
      bucket: z.object({ name: z.string() }),
      object: z.object({ key: z.string(), 'version-id': z.string() }),
    }),
  }),
  z.object({
    source: z.literal('aws.guardduty'),
    'detail-type': z.literal('GuardDuty Malware Protection Object Scan Result'),
    detail: z.object({
      s3ObjectDetails: z.object({ bucketName: z.string(), objectKey: z.string(), versionId: z.string() }),
      scanResultDetails: z.object({
        scanResultStatus: z.enum(SCAN_TAGS),
      }),
    }),
  }),
]);

const MILESTONES: Partial<Record<Judged, Milestone>> = {
  published: 'UploadPublished',
  rejected: 'UploadRejected',
  parked: 'UploadParked',
};

export interface VerdictsDependencies extends JudgeDependencies {
  readonly telemetry: Telemetry;
  /** Bucket that uploads are stored in. Messages about other buckets are ignored. */
  readonly bucket: string;
}

/** Creates the consumer of the verdict queue, which reports arrived objects and scan results. */
export function createVerdictsHandler(deps: VerdictsDependencies) {
  return createQueueHandler(deps.telemetry, 'verdict queue', async (json) => {
    const message = messageIn(json, deps.bucket);
    if (message === undefined) return { outcome: 'unknown-object' };
    const { uploadId } = message;
    const outcome = await judgeUpload(deps, message);
    if (outcome === 'rejected') deps.telemetry.count('UploadDeleted', 1);
    const milestone = MILESTONES[outcome];
    return { outcome, uploadId, ...(milestone && { milestone }) };
  });
}

/** Parses a message; returns `undefined` if its object is not one of our uploads. */
function messageIn(json: unknown, bucket: string): Message | undefined {
  const event = uploadEvent.parse(json);
  if (event.source === 'aws.s3') {
    const { object } = event.detail;
    const uploadId = uploadOfKey(object.key);
    if (event.detail.bucket.name !== bucket || uploadId === undefined) return undefined;
    return { kind: 'arrived', uploadId, versionId: object['version-id'] };
  }
  const { s3ObjectDetails, scanResultDetails } = event.detail;
  const uploadId = uploadOfKey(s3ObjectDetails.objectKey);
  if (s3ObjectDetails.bucketName !== bucket || uploadId === undefined) return undefined;
  const result = resultOf(scanResultDetails.scanResultStatus);
  return { kind: 'scanned', uploadId, versionId: s3ObjectDetails.versionId, result };
}
