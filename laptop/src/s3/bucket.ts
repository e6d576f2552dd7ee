import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { CorsRule } from './cors.ts';
import { MultipartUploads } from './multipart/multipart-uploads.ts';
import { KeyRecord, NULL_VERSION, type ObjectVersion, type Version } from './object-record.ts';
import type { ObjectTags } from './object-tags.ts';

export const BucketSettings = z.object({
  versioned: z.boolean(),
  /** The KMS key for objects that do not specify one. @default - encryption with S3's keys */
  defaultKmsKeyArn: z.string().exactOptional(),
  /** CORS rules. The first rule that matches a request applies. @default - none */
  cors: z.array(CorsRule).exactOptional(),
});
export type BucketSettings = z.infer<typeof BucketSettings>;

/** A version that is not in the bucket yet, and therefore has no ID and no files. */
export type VersionDraft = Omit<ObjectVersion, 'versionId' | 'dataFiles'>;

const INDEX = 'index.json';

/**
 * The objects of one bucket. Their bytes are on disk, their records on disk and in memory.
 *
 * Each key has a folder named after its hash, so that no key can refer to a path outside the bucket. The folder
 * contains an index and the files of all versions. A change moves finished files into the folder, and then replaces the
 * index. These moves are synchronous, so no other request can run between the check of a precondition and the change.
 * Files that a crash leaves behind are not in any index, and the next start removes them.
 */
export class Bucket {
  readonly name: string;
  readonly createdAt: Date;
  settings: BucketSettings;
  readonly uploads: MultipartUploads;
  readonly #folder: string;
  readonly #records: Map<string, KeyRecord>;

  constructor(name: string, createdAt: Date, settings: BucketSettings, folder: string) {
    this.name = name;
    this.createdAt = createdAt;
    this.settings = settings;
    this.#folder = join(folder, 'objects');
    this.uploads = new MultipartUploads(join(folder, 'uploads'));
    mkdirSync(this.#folder, { recursive: true });
    this.#records = new Map(readRecords(this.#folder).map((record) => [record.key, record]));
  }

  /** Returns the version with this ID, or the latest one. The result can be a delete marker. */
  find(key: string, versionId?: string): Version | undefined {
    const versions = this.#records.get(key)?.versions ?? [];
    return versionId === undefined
      ? versions[0]
      : versions.find((version) => version.versionId === versionId);
  }

  /** Returns the records of all keys in UTF-8 order, as S3 lists them. */
  records(): readonly KeyRecord[] {
    return [...this.#records.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** Adds finished files, one per part, as the latest version of a key. */
  put(key: string, files: readonly string[], draft: VersionDraft): ObjectVersion {
    const named = files.map((file) => ({ file, name: `${randomBytes(16).toString('hex')}.data` }));
    const dataFiles = named.map(({ name }) => name);
    const version = { ...draft, versionId: this.#nextVersionId(), dataFiles };
    mkdirSync(this.#folderOf(key), { recursive: true });
    for (const { file, name } of named) renameSync(file, join(this.#folderOf(key), name));
    this.#prepend(key, version);
    return version;
  }

  putDeleteMarker(key: string, lastModified: Date): Version {
    const marker: Version = { kind: 'delete-marker', versionId: this.#nextVersionId(), lastModified };
    this.#prepend(key, marker);
    return marker;
  }

  retag(key: string, version: ObjectVersion, tags: ObjectTags): ObjectVersion {
    const retagged = { ...version, tags };
    const versions = this.#records.get(key)?.versions ?? [];
    this.#write(
      key,
      versions.map((one) => (one.versionId === version.versionId ? retagged : one)),
    );
    return retagged;
  }

  /** Removes a version permanently. */
  remove(key: string, { versionId }: Version): void {
    const versions = this.#records.get(key)?.versions ?? [];
    this.#write(
      key,
      versions.filter((version) => version.versionId !== versionId),
    );
  }

  /** Returns the paths of the files that contain a version's bytes. */
  pathsOf(key: string, { dataFiles }: ObjectVersion): readonly string[] {
    return dataFiles.map((file) => join(this.#folderOf(key), file));
  }

  #prepend(key: string, version: Version): void {
    const earlier = this.#records.get(key)?.versions ?? [];
    this.#write(key, [version, ...earlier.filter(({ versionId }) => versionId !== version.versionId)]);
  }

  #write(key: string, versions: readonly Version[]): void {
    const folder = this.#folderOf(key);
    const before = this.#records.get(key)?.versions ?? [];
    if (versions.length === 0) {
      this.#records.delete(key);
      rmSync(folder, { recursive: true, force: true });
      return;
    }
    const record = { key, versions };
    writeFileAtomically(join(folder, INDEX), JSON.stringify(record));
    this.#records.set(key, record);
    const kept = dataFilesOf(versions);
    for (const file of dataFilesOf(before)) if (!kept.has(file)) rmSync(join(folder, file));
  }

  #nextVersionId(): string {
    return this.settings.versioned ? randomBytes(24).toString('base64url') : NULL_VERSION;
  }

  #folderOf(key: string): string {
    return join(this.#folder, createHash('sha256').update(key).digest('hex'));
  }
}

const dataFilesOf = (versions: readonly Version[]): ReadonlySet<string> =>
  new Set(versions.flatMap((version) => (version.kind === 'object' ? version.dataFiles : [])));

function readRecords(folder: string): readonly KeyRecord[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const files = readdirSync(path);
    if (!files.includes(INDEX)) {
      rmSync(path, { recursive: true });
      return [];
    }
    const record: KeyRecord = KeyRecord.parse(JSON.parse(readFileSync(join(path, INDEX), 'utf8')));
    const known = dataFilesOf(record.versions);
    for (const file of files) {
      if (file !== INDEX && !known.has(file)) rmSync(join(path, file));
    }
    return [record];
  });
}
