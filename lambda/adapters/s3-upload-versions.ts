import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
} from '@aws-sdk/client-s3';
import type { UploadId } from '../domain/ids.ts';
import { type Quarantine, SCAN_TAGS, type ScanTag } from '../domain/uploads/ports.ts';
import { keyOfUpload, type Upload } from '../domain/uploads/upload.ts';
import { PORT } from './s3-upload-parts.ts';
import { callService, errorName } from './service-fault.ts';

/** Tag that GuardDuty sets (Amazon GuardDuty User Guide, "Using tag-based access control (TBAC)"). */
const SCAN_TAG = 'GuardDutyMalwareScanStatus';

/** Tag that allows reading an object that the scanner could not judge. */
const RELEASE_TAG = 'ReleasedByOperator';

/** S3 error codes that mean that the object or the version is gone, or that only a delete marker is left. */
const GONE = ['NoSuchKey', 'NoSuchVersion', 'MethodNotAllowed'];

/** Reads and writes the tags of objects in the quarantine, deletes objects, and aborts multipart uploads. */
export class S3UploadVersions
  implements Pick<Quarantine, 'tagOf' | 'markReleased' | 'remove' | 'removeAllBut' | 'abort'>
{
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async tagOf(uploadId: UploadId, versionId: string): Promise<ScanTag | undefined> {
    try {
      const { TagSet = [] } = await callService(PORT, () =>
        this.#client.send(new GetObjectTaggingCommand(this.#version(uploadId, versionId))),
      );
      const { Value } = TagSet.find(({ Key }) => Key === SCAN_TAG) ?? {};
      return SCAN_TAGS.find((tag) => tag === Value);
    } catch (error) {
      if (GONE.includes(errorName(error))) return undefined;
      throw error;
    }
  }

  /**
   * Adds the release tag, and keeps the scanner's tag. The bucket policy does not let the operators' function tag a
   * version as clean, or change the tags of a version with threats. A clean version needs no release tag.
   */
  async markReleased(uploadId: UploadId, versionId: string): Promise<void> {
    const tag = await this.tagOf(uploadId, versionId);
    if (tag === 'NO_THREATS_FOUND') return;
    const TagSet: Tag[] = [
      ...(tag === undefined ? [] : [{ Key: SCAN_TAG, Value: tag }]),
      { Key: RELEASE_TAG, Value: 'true' },
    ];
    const put = new PutObjectTaggingCommand({ ...this.#version(uploadId, versionId), Tagging: { TagSet } });
    await callService(PORT, () => this.#client.send(put));
  }

  async remove(uploadId: UploadId, versionId: string): Promise<void> {
    await callService(PORT, () =>
      this.#client.send(new DeleteObjectCommand(this.#version(uploadId, versionId))),
    );
  }

  async removeAllBut(uploadId: UploadId, published: string | undefined): Promise<void> {
    const Key = keyOfUpload(uploadId);
    const list = new ListObjectVersionsCommand({ Bucket: this.#bucket, Prefix: Key });
    let hasMore = true;
    while (hasMore) {
      const page = await callService(PORT, () => this.#client.send(list));
      const found = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].filter(
        (version) => version.Key === Key && version.VersionId !== published,
      );
      for (const { VersionId = 'null' } of found) await this.remove(uploadId, VersionId);
      // S3 does not list deleted versions, so reading the first page again returns the remaining versions.
      hasMore = page.IsTruncated === true && found.length > 0;
    }
  }

  async abort({ uploadId, multipartId }: Upload): Promise<void> {
    if (multipartId === undefined) return;
    const Key = keyOfUpload(uploadId);
    const abort = new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key, UploadId: multipartId });
    try {
      await callService(PORT, () => this.#client.send(abort));
    } catch (error) {
      if (errorName(error) !== 'NoSuchUpload') throw error;
    }
  }

  #version(uploadId: UploadId, VersionId: string) {
    return { Bucket: this.#bucket, Key: keyOfUpload(uploadId), VersionId };
  }
}
