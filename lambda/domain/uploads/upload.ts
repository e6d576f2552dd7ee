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

/**
 * Derives an upload ID from a request's `name` (idempotency.ts), so that all retries of the request get the same ID.
 */
export function namedUploadId(name: string): UploadId {
  return `c${name.slice(1)}` as UploadId;
}

/** Returns the tenant of an IAM caller, which is the caller itself. */
export function tenantOf({ id }: Caller): Tenant {
  return `iam:${id}` as Tenant;
}

/** Returns an object's asset name, for issuing links to the object. */
export function assetOf(objectId: ObjectId): AssetName {
  return objectId as string as AssetName;
}

export function objectOf(uploadId: UploadId): ObjectId {
  return `d${uploadId.slice(1)}` as ObjectId;
}

export function uploadOf(objectId: ObjectId): UploadId {
  return `c${objectId.slice(1)}` as UploadId;
}

/**
 * Declared checksum, in base64 as S3 uses it. Single PUTs have a SHA-256, and multipart uploads a CRC-64/NVME, because
 * S3 computes no SHA-256 of a whole multipart object (Amazon S3 User Guide, "Checking object integrity"). A browser's
 * plain form declares nothing: `base64` is empty until finalize stores the CRC-64/NVME that S3 computed.
 */
export interface Checksum {
  readonly kind: 'sha256' | 'crc64nvme' | 'form';
  readonly base64: string;
}

/** Version of the object that finalize checked. It identifies the exact bytes. */
export interface Version {
  readonly versionId: string;
  readonly eTag: string;
}

/** Scan result of one version. Only a `clean` version can be read without an operator's release. */
export type ScanResult = 'clean' | 'threats' | 'unsupported' | 'access_denied' | 'failed';

/** States of an upload (states.ts). */
export const UPLOAD_STATES = [
  'created',
  'uploaded',
  'finalized',
  'clean',
  'published',
  'rejected',
  'parked',
  'expired',
] as const;

export type UploadState = (typeof UPLOAD_STATES)[number];

/** Reason why an upload was rejected, parked, or expired. */
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

/** Properties that the client declared. Finalize compares the size, the type, and the checksum with the object. */
export interface Declared {
  /** Name that the file is saved under when it is downloaded. */
  readonly fileName: string;
  /** Size in bytes. For a file sent with a form, this is the maximum until finalize stores the actual size. */
  readonly size: number;
  readonly type: string;
  readonly checksum: Checksum;
}

/** Upload: a session, and the object that it becomes. It contains nothing that opens a file. */
export interface Upload extends Declared {
  readonly uploadId: UploadId;
  readonly tenant: Tenant;
  /** Upload link that the upload came through. Such uploads hold no slot, because the link limits them. */
  readonly linkId?: LinkId;
  readonly state: UploadState;
  /** Step that the last write recorded; the history has a copy. */
  readonly step: Step;
  readonly reason?: Reason;
  /** Number of writes since the first. Each write is conditional on the previous one. */
  readonly revision: number;
  readonly createdAt: EpochSeconds;
  /** Time of the last write, to the millisecond; part of the history's key. */
  readonly changedAt: Date;
  /** First second in which the session no longer accepts anything. */
  readonly sessionExpiresAt: EpochSeconds;
  /** Time from which the upload is due for the sweep. */
  readonly dueAt: EpochSeconds;
  /** Whether the upload has ended and was closed: its leftovers are deleted and its slot is free. */
  readonly closed: boolean;
  /** Session slot that the upload holds; absent once the slot has been freed. */
  readonly slot?: number;
  /** Digest of the request, if it had an idempotency key. */
  readonly digest?: string;
  /** ID of S3's multipart upload, once it has begun. */
  readonly multipartId?: string;
  /** Version that finalize checked. No other version is ever published. */
  readonly version?: Version;
  readonly verdict?: { readonly versionId: string; readonly result: ScanResult };
  /** Number of times that a missing verdict was requested again. */
  readonly asked: number;
}

/** Step in the life of an upload, as recorded in the history. */
export interface Step {
  readonly event:
    | 'opened'
    /** S3's multipart upload has begun. */
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

/** Line of an upload's history. `download` records that a URL was signed. */
export type HistoryLine = { readonly uploadId: UploadId; readonly at: Date } & (
  | (Step & { readonly revision: number })
  | { readonly event: 'download' }
);

/** Returns the key of an upload's object. It never changes, so nothing is ever copied. */
export function keyOfUpload(uploadId: UploadId): string {
  return `${UPLOAD_KEY_PREFIX}${uploadId}`;
}

/** Returns the upload ID in an object's key; `undefined` if the object is not an upload. */
export function uploadOfKey(key: string): UploadId | undefined {
  return key.startsWith(UPLOAD_KEY_PREFIX) ? parseUploadId(key.slice(UPLOAD_KEY_PREFIX.length)) : undefined;
}

const MIB = 1024 * 1024;
const SMALLEST_PART = 16 * MIB;

/** Maximum number of parts (Amazon S3 User Guide, "Amazon S3 multipart upload limits"). */
const MOST_PARTS = 10_000;

/** Divides a file into equal parts, the last of which may be smaller. The parts depend only on the file's size. */
export function partsOf(size: number): { readonly partSize: number; readonly partCount: number } {
  const partSize = Math.max(SMALLEST_PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);
  return { partSize, partCount: Math.ceil(size / partSize) };
}

/** Returns the size of one part in bytes, counting parts from 1; `undefined` if there is no such part. */
export function sizeOfPart(size: number, partNumber: number): number | undefined {
  const { partSize, partCount } = partsOf(size);
  if (partNumber < 1 || partNumber > partCount) return undefined;
  return partNumber < partCount ? partSize : size - partSize * (partCount - 1);
}

/** Returns whether the upload is sent in parts. */
export function isMultipart({ checksum }: Pick<Upload, 'checksum'>): boolean {
  return checksum.kind === 'crc64nvme';
}
