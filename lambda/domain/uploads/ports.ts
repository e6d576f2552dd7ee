import type { UploadId } from '../ids.ts';
import type { Result } from '../result.ts';
import type { HistoryLine, Upload, UploadState, Version } from './upload.ts';

/* Ports of uploads. Like all ports, they throw `Unavailable` if the service behind them is throttled, slow, or down. */

/** List of uploads by state. An upload that has ended is on the `closing` list until it is closed. */
export type Pile = UploadState | 'closing';

/** Position where a page of a list ended: the `dueAt` and the ID of its last upload, joined by a period. */
export type PilePosition = `${number}.${string}`;

export interface Uploads {
  /**
   * Puts a new upload if there is none with its ID.
   *
   * @returns the stored upload: the one given, or the one that was there first
   */
  open(upload: Upload): Promise<Upload>;
  /** Reads with strong consistency. */
  find(uploadId: UploadId): Promise<Upload | undefined>;
  /**
   * Replaces an upload if its revision and state still match `from`.
   *
   * @returns `stale` if they have changed. A write retried after a lost response may also return `stale`.
   */
  change(from: Upload, to: Upload): Promise<'changed' | 'stale'>;
  /**
   * Returns the uploads on a list after a position, starting with the earliest due. The list is eventually consistent.
   */
  pile(
    pile: Pile,
    page: { readonly limit: number; readonly after?: PilePosition; readonly dueUntil?: number },
  ): Promise<{ readonly uploads: readonly Upload[]; readonly next?: PilePosition }>;
}

/** Stores the append-only history of uploads. */
export interface UploadHistory {
  /** Appends a line. Repeating the same line is not an error. */
  append(line: HistoryLine): Promise<void>;
  /** Returns all lines of an upload, oldest first. */
  linesOf(uploadId: UploadId): Promise<readonly HistoryLine[]>;
}

/** Signed request that a client sends to S3. The URL is a secret: never log it. */
export interface SignedRequest {
  readonly method: 'PUT';
  readonly url: string;
  /** Signed headers, which the client must send with exactly these values. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Part that S3 has stored. */
export interface StoredPart {
  readonly partNumber: number;
  /** Size in bytes. */
  readonly size: number;
  readonly eTag: string;
}

/** Metadata of an object in quarantine, as S3 returns it. */
export interface Inspection {
  readonly version: Version;
  /** Size in bytes. */
  readonly size: number;
  /** Checksum of the declared kind; absent if S3 has none. */
  readonly base64?: string;
  /** `Content-Encoding` set by the sender. Browsers decode the file, so they would save a file that was not scanned. */
  readonly encoding?: string;
}

/** Tags that the scanner sets on versions. */
export const SCAN_TAGS = [
  'NO_THREATS_FOUND',
  'THREATS_FOUND',
  'UNSUPPORTED',
  'ACCESS_DENIED',
  'FAILED',
] as const;

export type ScanTag = (typeof SCAN_TAGS)[number];

/**
 * Stores uploaded objects, which stay in place when they are published. Each function gets only the methods that its
 * role is allowed to call.
 */
export interface Quarantine {
  /** Signs the single PUT of an upload. The signature is valid for `seconds`. */
  presignPut(upload: Upload, seconds: number): Promise<SignedRequest>;
  /** Begins an upload's multipart upload in S3, and returns its multipart ID. */
  beginMultipart(upload: Upload): Promise<string>;
  /** Signs the PUT of one part of exactly `size` bytes. */
  presignPart(
    upload: Upload,
    part: { partNumber: number; size: number },
    seconds: number,
  ): Promise<SignedRequest>;
  /**
   * Lists the stored parts that follow part number `after`. Fails with `gone` if S3 has no such multipart upload,
   * because it was completed or aborted.
   */
  parts(
    upload: Upload,
    after?: number,
  ): Promise<Result<{ readonly parts: readonly StoredPart[]; readonly next?: number }, 'gone'>>;
  /**
   * Completes a multipart upload.
   *
   * @returns `mismatch` if the bytes do not match the declared checksum or size; `gone` as in `parts`
   */
  complete(upload: Upload, parts: readonly StoredPart[]): Promise<Result<void, 'mismatch' | 'gone'>>;
  /** Aborts a multipart upload, if there is one. */
  abort(upload: Upload): Promise<void>;
  /** Reads the metadata of the newest version; returns `undefined` if there is no object. */
  inspect(upload: Upload): Promise<Inspection | undefined>;
  firstBytes(upload: Upload, version: Version): Promise<Uint8Array>;
  /** Reads the scanner's tag on a version; returns `undefined` if the version has no tag or is gone. */
  tagOf(uploadId: UploadId, versionId: string): Promise<ScanTag | undefined>;
  /** Marks a version as released by an operator, without changing the scanner's tag. */
  markReleased(uploadId: UploadId, versionId: string): Promise<void>;
  remove(uploadId: UploadId, versionId: string): Promise<void>;
  /** Deletes all versions except the published one, if there is one. */
  removeAllBut(uploadId: UploadId, published: string | undefined): Promise<void>;
  /** Signs a GET that downloads the pinned version as an attachment. The URL opens the file: never log it. */
  presignGet(upload: Upload, version: Version, seconds: number): Promise<string>;
}

/** Requests another scan of a version. */
export interface Scanner {
  scan(uploadId: UploadId, versionId: string): Promise<void>;
}

/** Returns whether a file of this media type can start with these bytes. */
export type FitsType = (type: string, firstBytes: Uint8Array) => Promise<boolean>;
