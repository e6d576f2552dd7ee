import { randomBytes } from 'node:crypto';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';

/** Minimum size in bytes of every part except the last. */
export const MIN_PART = 5 * 1024 ** 2;

/** The bytes of two parts. The first part has the minimum size. */
export const PARTS: readonly [Buffer, Buffer] = [randomBytes(MIN_PART), Buffer.from('the last part')];
export const WHOLE = Buffer.concat(PARTS);

/** A multipart upload with the SDK, by default to the key `a` in the bucket `files`. */
export class SdkUpload {
  readonly uploadId: string;
  readonly #client: S3Client;
  readonly #address: { readonly Bucket: string; readonly Key: string };

  private constructor(client: S3Client, address: { Bucket: string; Key: string }, uploadId: string) {
    this.#client = client;
    this.#address = address;
    this.uploadId = uploadId;
  }

  static async begin(
    client: S3Client,
    input: Partial<CreateMultipartUploadCommandInput> = {},
  ): Promise<SdkUpload> {
    const address = { Bucket: input.Bucket ?? 'files', Key: input.Key ?? 'a' };
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...input, ...address }));
    return new SdkUpload(client, address, UploadId ?? '');
  }

  /** Returns the same upload with another client, such as one for a restarted server. */
  by(client: S3Client): SdkUpload {
    return new SdkUpload(client, this.#address, this.uploadId);
  }

  /** The bucket, key, and upload ID, which every command needs. */
  get input(): { Bucket: string; Key: string; UploadId: string } {
    return { ...this.#address, UploadId: this.uploadId };
  }

  /** Uploads a part, and returns its entry in a list of parts. */
  async part(
    PartNumber: number,
    Body: Buffer | string,
    input: Partial<UploadPartCommandInput> = {},
  ): Promise<CompletedPart> {
    const { ETag, ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256 } =
      await this.#client.send(new UploadPartCommand({ ...this.input, PartNumber, Body, ...input }));
    return {
      PartNumber,
      ETag,
      ChecksumCRC32,
      ChecksumCRC32C,
      ChecksumCRC64NVME,
      ChecksumSHA1,
      ChecksumSHA256,
    };
  }

  complete(
    Parts: CompletedPart[],
    input: Partial<CompleteMultipartUploadCommandInput> = {},
  ): Promise<CompleteMultipartUploadCommandOutput> {
    return this.#client.send(
      new CompleteMultipartUploadCommand({ ...this.input, MultipartUpload: { Parts }, ...input }),
    );
  }
}

/** Returns a part's entry without checksums, as a client that does not use them sends it. */
export const withoutChecksums = ({ PartNumber, ETag }: CompletedPart): CompletedPart => ({
  PartNumber,
  ETag,
});
