import { type AssetName, UPLOAD_KEY_PREFIX } from '../asset-name.ts';
import {
  type EpochSeconds,
  type LinkId,
  type ObjectId,
  parseUploadId,
  type Tenant,
  type UploadId,
} from '../ids.ts';
import type { Caller } from '../issuer.ts';

/** Returns the upload ID that every repetition of a named request gets (`name` in idempotency.ts). */
export function namedUploadId(name: string): UploadId {
  return `c${name.slice(1)}` as UploadId;
}

/** Returns the tenant that a signed caller acts for: itself. */
export function tenantOf({ id }: Caller): Tenant {
  return `iam:${id}` as Tenant;
}

/** Returns the name that links know an object by. */
export function assetOf(objectId: ObjectId): AssetName {
  return objectId as string as AssetName;
}

/** Returns the object of an upload. */
export function objectOf(uploadId: UploadId): ObjectId {
  return `d${uploadId.slice(1)}` as ObjectId;
}

/** Returns the upload of an object. */
export function uploadOf(objectId: ObjectId): UploadId {
  return `c${objectId.slice(1)}` as UploadId;
}

/**
 * Holds the checksum that the client declared, in the spelling that S3 uses. A SHA-256 is sent in one PUT, a CRC-64/NVME in
 * parts, because S3 computes no SHA-256 of a whole multipart object (Amazon S3 User Guide, "Checking object integrity").
 * A browser's plain form declares nothing: `base64` is empty until finalize takes the CRC-64/NVME that S3 computed.
 */
export interface Checksum {
  readonly kind: 'sha256' | 'crc64nvme' | 'form';
  readonly base64: string;
}

/** Names the exact bytes that were checked: one version of the object. */
export interface Version {
  readonly versionId: string;
  readonly eTag: string;
}

/** Tells what the scanner found in one version. Only `clean` lets anybody read it. */
export type ScanResult = 'clean' | 'threats' | 'unsupported' | 'access_denied' | 'failed';

/** Names a state of an upload (states.ts). */
export type UploadState =
  | 'created'
  | 'uploaded'
  | 'finalized'
  | 'clean'
  | 'published'
  | 'rejected'
  | 'parked'
  | 'expired';

/** Tells why an upload was rejected, parked, or expired. */
export type Reason =
  | 'malware'
  | 'type_mismatch'
  | 'size_mismatch'
  | 'checksum_mismatch'
  | 'operator'
  | 'cancelled'
  | 'timed_out'
  | 'unsupported'
  | 'access_denied'
  | 'scan_failed'
  | 'no_verdict';

/** Holds what the client declared. The server checks all of it. */
export interface Declared {
  /** The name that downloads get. */
  readonly fileName: string;
  /** Bytes; of a form that has not been checked yet, the most that S3 takes. */
  readonly size: number;
  readonly type: string;
  readonly checksum: Checksum;
}

/** Represents an upload: the session, and the object that it becomes. Nothing in it opens a file. */
export interface Upload extends Declared {
  readonly uploadId: UploadId;
  readonly tenant: Tenant;
  /** The upload link that it came through. Such an upload holds no slot: its link is its limit. */
  readonly linkId?: LinkId;
  readonly state: UploadState;
  /** The step that led to the state, which the history repeats. */
  readonly step: Step;
  readonly reason?: Reason;
  /** Counts the writes. Each write is conditional on the one before it. */
  readonly revision: number;
  readonly createdAt: EpochSeconds;
  /** When the state was last written, in milliseconds, as part of the history's key. */
  readonly changedAt: Date;
  /** The first second in which the session no longer takes anything. */
  readonly sessionExpiresAt: EpochSeconds;
  /** When the sweep looks at it next. */
  readonly dueAt: EpochSeconds;
  /** Whether nothing is left to do: it has ended, its leftovers are gone, and its slot is free. */
  readonly closed: boolean;
  /** The tenant's slot for open sessions that it holds; absent once it was freed. */
  readonly slot?: number;
  /** The identity of the request, if the caller gave it an idempotency key. */
  readonly digest?: string;
  /** The multipart upload at S3, once it has begun. */
  readonly multipartId?: string;
  /** The version that finalize checked. No other is ever published. */
  readonly version?: Version;
  readonly verdict?: { readonly versionId: string; readonly result: ScanResult };
  /** How often a missing verdict was asked for. */
  readonly asked: number;
}

/** Represents one step in the life of an upload, as the history keeps it. */
export interface Step {
  readonly event:
    | 'opened'
    /** A multipart upload has begun at S3. */
    | 'begun'
    | 'uploaded'
    | 'finalized'
    | 'verdict'
    | 'published'
    | 'rejected'
    | 'parked'
    | 'released'
    | 'asked'
    | 'expired'
    | 'closed';
  /** The operator who took the step. */
  readonly by?: string;
  readonly versionId?: string;
  readonly result?: ScanResult;
  readonly reason?: Reason;
}

/** Represents one line of an upload's history. `download` notes that a URL was signed, for whoever asked. */
export type HistoryLine = { readonly uploadId: UploadId; readonly at: Date } & (
  | (Step & { readonly revision: number })
  | { readonly event: 'download' }
);

/** Returns the key of an upload's object. It never changes, so nothing is ever copied. */
export function keyOfUpload(uploadId: UploadId): string {
  return `${UPLOAD_KEY_PREFIX}${uploadId}`;
}

/** Returns the upload of an object's key; `undefined` if the key is not one of an upload. */
export function uploadOfKey(key: string): UploadId | undefined {
  return key.startsWith(UPLOAD_KEY_PREFIX) ? parseUploadId(key.slice(UPLOAD_KEY_PREFIX.length)) : undefined;
}

const MIB = 1024 * 1024;
const SMALLEST_PART = 16 * MIB;

/** S3 takes at most so many parts (Amazon S3 User Guide, "Amazon S3 multipart upload limits"). */
const MOST_PARTS = 10_000;

/** Divides a file into parts of equal size, the last one smaller. The same file always has the same parts. */
export function partsOf(size: number): { readonly partSize: number; readonly partCount: number } {
  const partSize = Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  return { partSize, partCount: Math.ceil(size / partSize) };
}

/** Returns the bytes of one part, counted from 1; `undefined` if there is no such part. */
export function sizeOfPart(size: number, partNumber: number): number | undefined {
  const { partSize, partCount } = partsOf(size);
  if (partNumber < 1 || partNumber > partCount) return undefined;
  return partNumber < partCount ? partSize : size - partSize * (partCount - 1);
}

/** Tells whether the upload is sent in parts. */
export function isMultipart({ checksum }: Pick<Upload, 'checksum'>): boolean {
  return checksum.kind === 'crc64nvme';
}
