import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../atomic-file.ts';
import { Encryption } from '../object-record.ts';
import { ObjectTags } from '../object-tags.ts';
import { ChecksumPlan } from './checksum-plan.ts';
import { MultipartUpload } from './multipart-upload.ts';

/** What the client requested when it created the upload. It applies to the object. */
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
 * The multipart uploads in progress to one bucket, on disk and in memory.
 *
 * Each upload has a folder. It exists for as long as its record is in the folder, so that what a crash leaves half done is
 * removed at the next start.
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

  /** Returns undefined if there is no upload with this ID, or if it is for another key. */
  find(key: string, uploadId: string): MultipartUpload | undefined {
    const upload = this.#uploads.get(uploadId);
    return upload?.record.key === key ? upload : undefined;
  }

  /** Tells whether an upload is neither completed nor aborted. */
  isOpen(upload: MultipartUpload): boolean {
    return this.#uploads.get(upload.record.uploadId) === upload;
  }

  /** Returns all uploads by key in UTF-8 order, and those of one key oldest first, as S3 lists them. */
  all(): readonly MultipartUpload[] {
    return [...this.#uploads.values()].sort(
      ({ record: a }, { record: b }) =>
        Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
        a.initiated.getTime() - b.initiated.getTime() ||
        (a.uploadId < b.uploadId ? -1 : 1),
    );
  }

  /** Removes an upload with its parts. */
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
