import type { UploadId } from '../../lambda/domain/ids.ts';
import type { Clock } from '../../lambda/domain/ports.ts';
import { fail, ok, type Result } from '../../lambda/domain/result.ts';
import type {
  Inspection,
  Quarantine,
  ScanTag,
  SignedRequest,
  StoredPart,
} from '../../lambda/domain/uploads/ports.ts';
import type { Upload, Version } from '../../lambda/domain/uploads/upload.ts';
import { checksumOf, type SampleFile } from './sample-files.ts';

export interface StoredVersion extends Version {
  readonly uploadId: UploadId;
  readonly file: SampleFile;
  tag?: ScanTag;
  /** Whether the scanner has ever found the version clean. */
  foundClean: boolean;
  isReleased: boolean;
}

interface Multipart {
  readonly uploadId: UploadId;
  readonly parts: Map<number, StoredPart & { readonly file: SampleFile }>;
}

/** S3's response to a PUT: stored, wrong checksum, refused signature, unknown multipart upload, or object exists. */
export type S3Response = 200 | 400 | 403 | 404 | 412;

const PARTS_PER_PAGE = 2;

/**
 * An in-memory versioned bucket with S3's rules for one key per upload. It checks a signed PUT's time, length,
 * checksum, and `If-None-Match`, completes a multipart upload once, and tags and deletes individual versions (Amazon S3
 * User Guide, "Conditional writes" and "Uploading and copying objects using multipart upload").
 */
export class MemoryQuarantine implements Quarantine {
  /** All versions, oldest first. */
  readonly versions: StoredVersion[] = [];
  /** Open multipart uploads. */
  readonly multiparts = new Map<string, Multipart>();
  /** Called with every new version. */
  onArrival: (version: StoredVersion) => void = () => undefined;
  readonly #clock: Clock;
  #versionCount = 0;
  #multipartCount = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the versions of an object, oldest first. */
  versionsOf(uploadId: UploadId): readonly StoredVersion[] {
    return this.versions.filter((version) => version.uploadId === uploadId);
  }

  versionOf(uploadId: UploadId, versionId: string): StoredVersion | undefined {
    return this.versionsOf(uploadId).find((version) => version.versionId === versionId);
  }

  async presignPut(upload: Upload, seconds: number): Promise<SignedRequest> {
    return this.#signed(upload.uploadId, seconds, {
      'content-length': String(upload.size),
      'x-amz-checksum-sha256': upload.checksum.base64,
      'if-none-match': '*',
    });
  }

  async beginMultipart({ uploadId }: Upload): Promise<string> {
    this.#multipartCount += 1;
    const multipartId = `m${this.#multipartCount}`;
    this.multiparts.set(multipartId, { uploadId, parts: new Map() });
    return multipartId;
  }

  async presignPart(
    { uploadId, multipartId = '' }: Upload,
    { partNumber, size }: { partNumber: number; size: number },
    seconds: number,
  ): Promise<SignedRequest> {
    return this.#signed(
      uploadId,
      seconds,
      { 'content-length': String(size) },
      { multipartId, partNumber: String(partNumber) },
    );
  }

  /** Sends a file with a signed request. Anyone who has the request can send it repeatedly until it expires. */
  send(request: SignedRequest, file: SampleFile): S3Response {
    const begun = this.begin(request, file);
    return typeof begun === 'number' ? begun : begun();
  }

  /**
   * Starts to send a file. S3 checks the signature when a request starts, and whether an object exists when it ends.
   *
   * @returns the refusal, or a function that completes the request
   */
  begin({ url, headers }: SignedRequest, file: SampleFile): S3Response | (() => S3Response) {
    const { pathname, searchParams } = new URL(url);
    if (this.#clock().getTime() >= Number(searchParams.get('until')) * 1000) return 403;
    const multipartId = searchParams.get('multipartId');
    if (multipartId !== null) {
      return () => this.#storePart(multipartId, Number(searchParams.get('partNumber')), headers, file);
    }
    if (String(file.size) !== headers['content-length']) return 403;
    if (checksumOf(file, 'sha256').base64 !== headers['x-amz-checksum-sha256']) return 400;
    const uploadId = pathname.slice(1) as UploadId;
    return () => {
      if (this.versionsOf(uploadId).length > 0) return 412;
      this.post(uploadId, file);
      return 200;
    };
  }

  /** Stores a new version even if the object already exists, as S3 does for a POST form. */
  post(uploadId: UploadId, file: SampleFile): StoredVersion {
    this.#versionCount += 1;
    const version = {
      uploadId,
      versionId: `v${this.#versionCount}`,
      eTag: `e${this.#versionCount}`,
      file,
      foundClean: false,
      isReleased: false,
    };
    this.versions.push(version);
    this.onArrival(version);
    return version;
  }

  /** Tags a version as the scanner does. Does nothing if the version was deleted. */
  tag(uploadId: UploadId, versionId: string, tag: ScanTag): void {
    const version = this.versionOf(uploadId, versionId);
    if (version === undefined) return;
    version.tag = tag;
    version.foundClean ||= tag === 'NO_THREATS_FOUND';
  }

  async parts(
    { multipartId = '' }: Upload,
    after = 0,
  ): Promise<Result<{ readonly parts: readonly StoredPart[]; readonly next?: number }, 'gone'>> {
    const multipart = this.multiparts.get(multipartId);
    if (multipart === undefined) return fail('gone');
    const left = [...multipart.parts.values()]
      .toSorted((one, other) => one.partNumber - other.partNumber)
      .filter(({ partNumber }) => partNumber > after);
    const page = left.slice(0, PARTS_PER_PAGE);
    const last = page.at(-1);
    const parts = page.map(({ partNumber, size, eTag }) => ({ partNumber, size, eTag }));
    return ok({ parts, ...(last && left.length > page.length && { next: last.partNumber }) });
  }

  async complete(
    { uploadId, multipartId = '', size, checksum }: Upload,
    listed: readonly StoredPart[],
  ): Promise<Result<void, 'mismatch' | 'gone'>> {
    const multipart = this.multiparts.get(multipartId);
    if (multipart === undefined) return fail('gone');
    const sent = listed.map(({ partNumber }) => multipart.parts.get(partNumber));
    const texts = new Set(sent.map((part) => part?.file.text ?? ''));
    const file = { text: [...texts].join(), size: listed.reduce((total, part) => total + part.size, 0) };
    if (file.size !== size || checksumOf(file, checksum.kind).base64 !== checksum.base64) {
      return fail('mismatch');
    }
    this.multiparts.delete(multipartId);
    this.post(uploadId, file);
    return ok(undefined);
  }

  async abort({ multipartId = '' }: Upload): Promise<void> {
    this.multiparts.delete(multipartId);
  }

  async inspect({ uploadId, checksum }: Upload): Promise<Inspection | undefined> {
    const newest = this.versionsOf(uploadId).at(-1);
    if (newest === undefined) return undefined;
    const { versionId, eTag, file } = newest;
    const { base64 } = checksumOf(file, checksum.kind);
    return { version: { versionId, eTag }, size: file.size, base64 };
  }

  async firstBytes({ uploadId }: Upload, { versionId }: Version): Promise<Uint8Array> {
    return new TextEncoder().encode(this.versionOf(uploadId, versionId)?.file.text);
  }

  async tagOf(uploadId: UploadId, versionId: string): Promise<ScanTag | undefined> {
    return this.versionOf(uploadId, versionId)?.tag;
  }

  async markReleased(uploadId: UploadId, versionId: string): Promise<void> {
    const version = this.versionOf(uploadId, versionId);
    if (version !== undefined) version.isReleased = true;
  }

  async remove(uploadId: UploadId, versionId: string): Promise<void> {
    this.#drop((version) => version.uploadId === uploadId && version.versionId === versionId);
  }

  async removeAllBut(uploadId: UploadId, published: string | undefined): Promise<void> {
    this.#drop((version) => version.uploadId === uploadId && version.versionId !== published);
  }

  async presignGet({ uploadId }: Upload, { versionId }: Version, seconds: number): Promise<string> {
    return this.#signed(uploadId, seconds, {}, { versionId }).url;
  }

  #storePart(
    multipartId: string,
    partNumber: number,
    headers: SignedRequest['headers'],
    file: SampleFile,
  ): S3Response {
    const multipart = this.multiparts.get(multipartId);
    if (multipart === undefined) return 404;
    const size = Number(headers['content-length']);
    multipart.parts.set(partNumber, { partNumber, size, eTag: `${file.text} ${partNumber}`, file });
    return 200;
  }

  #signed(
    uploadId: UploadId,
    seconds: number,
    headers: SignedRequest['headers'],
    query: Readonly<Record<string, string>> = {},
  ): SignedRequest {
    const until = String(this.#clock().getTime() / 1000 + seconds);
    const search = new URLSearchParams({ until, ...query });
    return { method: 'PUT', url: `https://s3.test/${uploadId}?${search}`, headers };
  }

  #drop(isDropped: (version: StoredVersion) => boolean): void {
    const kept = this.versions.filter((version) => !isDropped(version));
    this.versions.splice(0, this.versions.length, ...kept);
  }
}
