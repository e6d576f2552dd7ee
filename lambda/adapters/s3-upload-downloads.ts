import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Quarantine } from '../domain/uploads/ports.ts';
import { keyOfUpload, type Upload, type Version } from '../domain/uploads/upload.ts';
import { dispositionOf } from './attachment.ts';
import { atOrigin, type HandingOut } from './download-origin.ts';
import { PORT } from './s3-upload-parts.ts';
import { callService } from './service-fault.ts';

/**
 * Signs downloads of published objects. Its client must be created with `s3Settings`. S3 checks the tags of the version
 * when the URL is used.
 */
export class S3UploadDownloads implements Pick<Quarantine, 'presignGet'> {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #origin: string | undefined;

  constructor(client: S3Client, bucket: string, { origin }: Pick<HandingOut, 'origin'> = {}) {
    this.#client = client;
    this.#bucket = bucket;
    this.#origin = origin;
  }

  async presignGet(
    { uploadId, fileName, type }: Upload,
    { versionId }: Version,
    seconds: number,
  ): Promise<string> {
    const get = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: keyOfUpload(uploadId),
      VersionId: versionId,
      ResponseContentDisposition: dispositionOf(fileName),
      ResponseContentType: type,
      ResponseCacheControl: 'no-store',
    });
    const url = await callService(PORT, () => getSignedUrl(this.#client, get, { expiresIn: seconds }));
    return atOrigin(this.#origin, url);
  }
}
