/** A version of an object to scan. */
export interface ScannedObject {
  readonly bucket: string;
  readonly key: string;
  /** `null` in a bucket without versioning. */
  readonly versionId: string;
  /** Without quotes. */
  readonly etag: string;
}

/**
 * The verdict on an object, which is also the value of its tag.
 *
 * @see https://docs.aws.amazon.com/guardduty/latest/ug/monitoring-malware-protection-s3-scans-gdu.html
 */
export type Verdict = 'NO_THREATS_FOUND' | 'THREATS_FOUND' | 'UNSUPPORTED' | 'ACCESS_DENIED' | 'FAILED';

/** What a scan found. */
export interface ScanResult {
  readonly verdict: Verdict;
  /** Names of threats. */
  readonly threats?: readonly string[];
  /** Codes that tell why the object was not scanned. */
  readonly reasons?: readonly string[];
}

/** A verdict that gets lost. */
export type Lost = 'never';
