/** A version of an object that is to be scanned. */
export interface ScannedObject {
  readonly bucket: string;
  readonly key: string;
  /** `null` in a bucket without versioning. */
  readonly versionId: string;
  /** The ETag without quotes. */
  readonly etag: string;
}

/**
 * The verdict on an object. The object's tag has the same value.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitoring-malware-protection-s3-scans-gdu.html
 */
export type Verdict = 'NO_THREATS_FOUND' | 'THREATS_FOUND' | 'UNSUPPORTED' | 'ACCESS_DENIED' | 'FAILED';

export interface ScanResult {
  readonly verdict: Verdict;
  readonly threats?: readonly string[];
  /** GuardDuty's codes for why the object was not scanned. */
  readonly reasons?: readonly string[];
}

/** The result of a scan whose verdict is never published. */
export type Lost = 'never';
