import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../atomic-file.ts';
import { StoredChecksum } from '../object-record.ts';
import type { UploadRecord } from './multipart-uploads.ts';

/** One part of an upload. Its bytes are in `dataFile`, in the same folder as its record. */
const Part = z.object({
  partNumber: z.number(),
  lastModified: z.iso.datetime().transform((text) => new Date(text)),
  /** The ETag without quotes. */
  etag: z.string(),
  /** The MD5 of the bytes in hex. */
  md5: z.string(),
  /** Size in bytes. */
  size: z.number(),
  checksum: StoredChecksum,
  dataFile: z.string(),
});
export type Part = z.infer<typeof Part>;

const PART_RECORD = /^\d{1,5}\.json$/;

/** A multipart upload in progress. */
export class MultipartUpload {
  readonly record: UploadRecord;
  readonly #folder: string;
  readonly #parts: Map<number, Part>;
  #last: Promise<unknown> = Promise.resolve();

  /** @param files the files in the folder. Files that belong to no part are removed */
  constructor(record: UploadRecord, folder: string, files: readonly string[]) {
    this.record = record;
    this.#folder = folder;
    const parts = files
      .filter((file) => PART_RECORD.test(file))
      .map((file) => Part.parse(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
    this.#parts = new Map(parts.map((part) => [part.partNumber, part]));
    const known = new Set(parts.flatMap((part) => [part.dataFile, recordOf(part.partNumber)]));
    for (const file of files) {
      if (!known.has(file)) rmSync(join(folder, file));
    }
  }

  /** Returns the parts, ordered by number. */
  parts(): readonly Part[] {
    return [...this.#parts.values()].sort((a, b) => a.partNumber - b.partNumber);
  }

  find(partNumber: number): Part | undefined {
    return this.#parts.get(partNumber);
  }

  /** Adds a finished file as a part, and removes any earlier part with the same number. */
  put(file: string, draft: Omit<Part, 'dataFile'>): Part {
    const earlier = this.#parts.get(draft.partNumber);
    const part = { ...draft, dataFile: `${randomBytes(16).toString('hex')}.data` };
    renameSync(file, join(this.#folder, part.dataFile));
    writeFileAtomically(join(this.#folder, recordOf(part.partNumber)), JSON.stringify(part));
    this.#parts.set(part.partNumber, part);
    if (earlier !== undefined) rmSync(join(this.#folder, earlier.dataFile));
    return part;
  }

  pathOf({ dataFile }: Part): string {
    return join(this.#folder, dataFile);
  }

  /** Runs a task during which the parts must not change. Only one such task runs at a time. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

const recordOf = (partNumber: number): string => `${partNumber}.json`;
