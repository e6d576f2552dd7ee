import type { UploadId } from '../ids.ts';
import type { Result } from '../result.ts';
import type { HistoryLine, Upload, UploadState, Version } from './upload.ts';

/*
 * The ports of uploads. Like all ports they throw `Unavailable` if the service behind them is throttled, slow, or down.
 */

/** Names a pile of uploads: the open ones by state, `closing` those with something left to do, and the closed ones. */
export type Pile = UploadState | 'closing';

/** Marks where a page of a pile ended: the `dueAt` and the ID of its last upload, with a period in between. */
export type PilePosition = `${number}.${string}`;

/** Stores uploads. */
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
   * Replaces an upload, if it still has the revision and the state of `from`.
   *
   * @returns `stale` if it does not. A write whose answer was lost may also be `stale`.
   */
  change(from: Upload, to: Upload): Promise<'changed' | 'stale'>;
  /** Returns uploads of a pile from a position on, those that are due longest first. It may be a moment behind. */
  pile(
    pile: Pile,
    page: { readonly limit: number; readonly after?: PilePosition; readonly dueUntil?: number },
  ): Promise<{ readonly uploads: readonly Upload[]; readonly next?: PilePosition }>;
}

/** Stores the append-only history of uploads. */
export interface UploadHistory {
  /** Appends a line, once; repeating the same line is not an error. */
  append(line: HistoryLine): Promise<void>;
  /** Returns every line of an upload, oldest first. */
  linesOf(uploadId: UploadId): Promise<readonly HistoryLine[]>;
}

/** Represents a request that somebody else may send to S3. The URL is a secret: never log it. */
export interface SignedRequest {
  readonly method: 'PUT';
  readonly url: string;
  /** Headers that are part of the signature, with their values, as the sender must set them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Represents a part that S3 has stored. */
export interface StoredPart {
  readonly partNumber: number;
  /** Bytes. */
  readonly size: number;
  readonly eTag: string;
}

/** Holds what S3 says of an object before anybody may read it. */
export interface Inspection {
  readonly version: Version;
  /** Bytes. */
  readonly size: number;
  /** The checksum of the kind that was declared; absent if S3 has none. */
  readonly base64?: string;
  /** The `Content-Encoding` that the sender added, which browsers undo after the scanner has looked. */
  readonly encoding?: string;
}

/** Tells what the scanner wrote on a version. */
export type ScanTag = 'NO_THREATS_FOUND' | 'THREATS_FOUND' | 'UNSUPPORTED' | 'ACCESS_DENIED' | 'FAILED';

/** Stores what was uploaded and not yet published. Each function gets the methods that its role may call. */
export interface Quarantine {
  /** Signs the one PUT of an upload, valid for `seconds`. */
  presignPut(upload: Upload, seconds: number): Promise<SignedRequest>;
  /** Begins the multipart upload of an upload, and returns its ID. */
  beginMultipart(upload: Upload): Promise<string>;
  /** Signs the PUT of one part of exactly `size` bytes. */
  presignPart(
    upload: Upload,
    part: { partNumber: number; size: number },
    seconds: number,
  ): Promise<SignedRequest>;
  /** Lists stored parts from a position on. `gone` if S3 has no such multipart upload: it was completed or aborted. */
  parts(
    upload: Upload,
    after?: number,
  ): Promise<Result<{ readonly parts: readonly StoredPart[]; readonly next?: number }, 'gone'>>;
  /**
   * Completes a multipart upload.
   *
   * @returns `mismatch` if the bytes do not have the declared checksum or size; `gone` as in `parts`
   */
  complete(upload: Upload, parts: readonly StoredPart[]): Promise<Result<void, 'mismatch' | 'gone'>>;
  /** Aborts a multipart upload, if there is one. */
  abort(upload: Upload): Promise<void>;
  /** Looks at the newest version; `undefined` if there is no object. */
  inspect(upload: Upload): Promise<Inspection | undefined>;
  /** Reads the first bytes of a version. */
  firstBytes(upload: Upload, version: Version): Promise<Uint8Array>;
  /** Reads the scanner's tag of a version; `undefined` if it has none, or the version is gone. */
  tagOf(uploadId: UploadId, versionId: string): Promise<ScanTag | undefined>;
  /** Marks a version as released by an operator, without changing the scanner's tag. */
  markReleased(uploadId: UploadId, versionId: string): Promise<void>;
  /** Deletes one version. */
  remove(uploadId: UploadId, versionId: string): Promise<void>;
  /** Deletes every version but the one that is published; all of them if none is. */
  removeAllBut(uploadId: UploadId, published: string | undefined): Promise<void>;
  /** Signs a GET of the pinned version, always as an attachment. The URL opens the file: never log it. */
  presignGet(upload: Upload, version: Version, seconds: number): Promise<string>;
}

/** Asks the scanner to judge a version again. */
export interface Scanner {
  scan(uploadId: UploadId, versionId: string): Promise<void>;
}

/** Tells whether the first bytes of a file can begin a file of this media type. */
export type FitsType = (type: string, firstBytes: Uint8Array) => Promise<boolean>;
