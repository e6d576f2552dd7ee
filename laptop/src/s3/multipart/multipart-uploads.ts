import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../atomic-file.ts';
import { Encryption } from '../object-record.ts';
import { ObjectTags } from '../object-tags.ts';
import { ChecksumPlan } from './checksum-plan.ts';
import { MultipartUpload } from './multipart-upload.ts';

/** An upload in progress, with the properties that the client chose for the object. */
export const UploadRecord = z.object({
  uploadId: z.string(),
  key: z.string(),
  initiated: z.iso.datetime().transform((text) => new Date(text)),
  headers: z.record(z.string(), z.string()),
  storageClass: z.string(),
  encryption: Encryption,
  tags: ObjectTags,
  plan: ChecksumPlan,
});
export type UploadRecord = z.infer<typeof UploadRecord>;

const RECORD = 'upload.json';

/**
 * The multipart uploads in progress to one bucket, stored on disk and in memory.
 *
 * Each upload has a folder with a record. A folder without a record was left by a crash, and the next start removes it.
 */
export class MultipartUploads {
  readonly #folder: string;
  readonly #uploads: Map<string, MultipartUpload>;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#uploads = new Map(readUploads(folder).map((upload) => [upload.record.uploadId, upload]));
  }

  begin(draft: Omit<UploadRecord, 'uploadId'>): MultipartUpload {
    const record = { ...draft, uploadId: randomBytes(48).toString('base64url') };
    const folder = join(this.#folder, record.uploadId);
    mkdirSync(folder);
    writeFileAtomically(join(folder, RECORD), JSON.stringify(record));
    const upload = new MultipartUpload(record, folder, []);
    this.#uploads.set(record.uploadId, upload);
    return upload;
  }

  /** Finds an upload. Returns undefined if no upload has this ID, or if the upload is for another key. */
  find(key: string, uploadId: string): MultipartUpload | undefined {
    const upload = this.#uploads.get(uploadId);
    return upload?.record.key === key ? upload : undefined;
  }

  /** Returns whether an upload is still in progress. */
  isOpen(upload: MultipartUpload): boolean {
    return this.#uploads.get(upload.record.uploadId) === upload;
  }

  /** Returns all uploads in the order of S3's listings: by key in UTF-8 order, then by age, oldest first. */
  all(): readonly MultipartUpload[] {
    return [...this.#uploads.values()].sort(
      ({ record: a }, { record: b }) =>
        Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
        a.initiated.getTime() - b.initiated.getTime() ||
        (a.uploadId < b.uploadId ? -1 : 1),
    );
  }

  /** Removes an upload and its parts. */
  remove({ record: { uploadId } }: MultipartUpload): void {
    this.#uploads.delete(uploadId);
    const folder = join(this.#folder, uploadId);
    rmSync(join(folder, RECORD));
    rmSync(folder, { recursive: true });
  }
}

function readUploads(root: string): readonly MultipartUpload[] {
  return readdirSync(root).flatMap((name) => {
    const folder = join(root, name);
    const files = readdirSync(folder);
    if (!files.includes(RECORD)) {
      rmSync(folder, { recursive: true });
      return [];
    }
    const record = UploadRecord.parse(JSON.parse(readFileSync(join(folder, RECORD), 'utf8')));
    return [
      new MultipartUpload(
        record,
        folder,
        files.filter((file) => file !== RECORD),
      ),
    ];
  });
}
