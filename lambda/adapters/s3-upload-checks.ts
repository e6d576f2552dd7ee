import {
  CompleteMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Unavailable } from '../domain/errors.ts';
import { fail, ok, type Result } from '../domain/result.ts';
import type { Inspection, Quarantine, StoredPart } from '../domain/uploads/ports.ts';
import { keyOfUpload, type Upload, type Version } from '../domain/uploads/upload.ts';
import { completionSettings } from './client-settings.ts';
import { PORT, partsIn } from './s3-upload-parts.ts';
import { callService, errorName, isPassing } from './service-fault.ts';

/** Number of bytes that are read to detect a file's type. */
const FIRST_BYTES = 64 * 1024;

/**
 * S3 error codes for completions that cannot succeed.
 *
 * - `BadDigest`: the bytes have a different checksum. `InvalidRequest`: they have a different size.
 * - `NoSuchUpload`: the multipart upload was completed or aborted. `PreconditionFailed`: an object already exists.
 * - `InvalidPart`: a part was sent again after it was listed, so there is nothing to complete yet.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
const OUTCOMES: Readonly<Record<string, 'mismatch' | 'gone'>> = {
  BadDigest: 'mismatch',
  InvalidRequest: 'mismatch',
  NoSuchUpload: 'gone',
  PreconditionFailed: 'gone',
  InvalidPart: 'gone',
};

/** Completes multipart uploads, and reads objects in the quarantine so that they can be checked. */
export class S3UploadChecks implements Pick<Quarantine, 'parts' | 'complete' | 'inspect' | 'firstBytes'> {
  readonly parts: Quarantine['parts'];
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #completionMs: number;

  /** @param options.completionMs timeout for completing a multipart upload, in milliseconds */
  constructor(
    client: S3Client,
    {
      bucket,
      completionMs = completionSettings.requestTimeout,
    }: { readonly bucket: string; readonly completionMs?: number },
  ) {
    this.#client = client;
    this.#bucket = bucket;
    this.#completionMs = completionMs;
    this.parts = partsIn(client, bucket);
  }

  /**
   * Completes a multipart upload. S3 may take minutes. It sends its response headers first, and continues even if the
   * connection is closed. A repeated call then finds the object.
   */
  async complete(upload: Upload, parts: readonly StoredPart[]): Promise<Result<void, 'mismatch' | 'gone'>> {
    const complete = new CompleteMultipartUploadCommand({
      ...this.#objectOf(upload),
      UploadId: upload.multipartId,
      MultipartUpload: {
        Parts: parts.map(({ partNumber, eTag }) => ({ PartNumber: partNumber, ETag: eTag })),
      },
      ChecksumCRC64NVME: upload.checksum.base64,
      ChecksumType: 'FULL_OBJECT',
      MpuObjectSize: upload.size,
      IfNoneMatch: '*',
    });
    const abortSignal = AbortSignal.timeout(this.#completionMs);
    try {
      const settings = { abortSignal, requestTimeout: this.#completionMs };
      await this.#client.send(complete, settings);
      return ok(undefined);
    } catch (error) {
      // The code is checked first, because the SDK sets the status to 503 for every error that follows success headers.
      const outcome = OUTCOMES[errorName(error)];
      if (outcome !== undefined) return fail(outcome);
      // Another call is completing the same upload.
      const isContended = errorName(error) === 'ConditionalRequestConflict';
      throw isContended || abortSignal.aborted || isPassing(error) ? new Unavailable(PORT, error) : error;
    }
  }

  async inspect(upload: Upload): Promise<Inspection | undefined> {
    try {
      const facts = await callService(PORT, () =>
        this.#client.send(new HeadObjectCommand({ ...this.#objectOf(upload), ChecksumMode: 'ENABLED' })),
      );
      const { VersionId = 'null', ETag = '', ContentLength = 0, ChecksumType } = facts;
      const base64 = upload.checksum.kind === 'sha256' ? facts.ChecksumSHA256 : facts.ChecksumCRC64NVME;
      return {
        version: { versionId: VersionId, eTag: ETag },
        size: ContentLength,
        // A composite checksum is computed from the checksums of the parts, not from the bytes of the file.
        ...(base64 !== undefined && ChecksumType !== 'COMPOSITE' && { base64 }),
        ...(facts.ContentEncoding !== undefined && { encoding: facts.ContentEncoding }),
      };
    } catch (error) {
      if (errorName(error) === 'NotFound') return undefined;
      throw error;
    }
  }

  async firstBytes(upload: Upload, { versionId, eTag }: Version): Promise<Uint8Array> {
    const abortSignal = AbortSignal.timeout(this.#completionMs);
    const { Body } = await callService(PORT, () =>
      this.#client.send(
        new GetObjectCommand({
          ...this.#objectOf(upload),
          VersionId: versionId,
          IfMatch: eTag,
          Range: `bytes=0-${FIRST_BYTES - 1}`,
        }),
        { abortSignal },
      ),
    );
    try {
      if (Body === undefined) throw new Error('the response has no body');
      return await Body.transformToByteArray();
    } catch (cause) {
      throw new Unavailable(PORT, cause);
    }
  }

  #objectOf({ uploadId }: Upload) {
    return { Bucket: this.#bucket, Key: keyOfUpload(uploadId) };
  }
}
