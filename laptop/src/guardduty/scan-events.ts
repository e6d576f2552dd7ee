import { type EventContent, wholeSeconds } from '../events/event.ts';
import type { ScannedObject, ScanResult, Verdict } from './scan-result.ts';

const SCAN_STATUS: Readonly<Record<Verdict, 'COMPLETED' | 'SKIPPED' | 'FAILED'>> = {
  NO_THREATS_FOUND: 'COMPLETED',
  THREATS_FOUND: 'COMPLETED',
  UNSUPPORTED: 'SKIPPED',
  ACCESS_DENIED: 'SKIPPED',
  FAILED: 'FAILED',
};

const about = ({ bucket, key, etag, versionId }: ScannedObject): object => ({
  bucketName: bucket,
  objectKey: key,
  eTag: etag,
  versionId,
  s3Throttled: false,
});

/**
 * Creates the event that reports the verdict on an object.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
 */
export const scanResultEvent = (
  planArn: string,
  object: ScannedObject,
  { verdict, threats, reasons }: ScanResult,
): EventContent => ({
  source: 'aws.guardduty',
  'detail-type': 'GuardDuty Malware Protection Object Scan Result',
  resources: [planArn],
  detail: {
    schemaVersion: '1.0',
    scanStatus: SCAN_STATUS[verdict],
    resourceType: 'S3_OBJECT',
    s3ObjectDetails: about(object),
    scanResultDetails: {
      scanResultStatus: verdict,
      threats: threats?.map((name) => ({ name })) ?? null,
      statusReasons: reasons ?? null,
    },
  },
});

/** Creates the event for an object that could not be tagged with its verdict. */
export const taggingFailedEvent = (
  planArn: string,
  object: ScannedObject,
  failureReason: TaggingFailure,
  now: Date,
): EventContent => ({
  source: 'aws.guardduty',
  'detail-type': 'GuardDuty Malware Protection Post Scan Action Failed',
  resources: [planArn],
  detail: {
    schemaVersion: '1.0',
    eventTime: wholeSeconds(now),
    s3ObjectDetails: about(object),
    postScanActions: [{ actionType: 'TAGGING', failureReason }],
  },
});

/** Reason why an object could not be tagged. */
export type TaggingFailure = 'ACCESS_DENIED' | 'MAX_TAG_LIMIT_EXCEEDED';
