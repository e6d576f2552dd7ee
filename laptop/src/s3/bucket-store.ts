import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { Bucket, BucketSettings } from './bucket.ts';

/** All buckets, and a folder for unfinished files. */
export interface BucketStore {
  find(name: string): Bucket | undefined;
  /** Returns all buckets, ordered by name. */
  all(): readonly Bucket[];
  /**
   * Creates a bucket, or changes the settings of an existing one.
   *
   * @throws if S3 does not allow the name
   */
  create(name: string, settings: BucketSettings): Bucket;
  /** Returns a path for an unfinished file on the same disk as the buckets. */
  unfinishedFile(): string;
}

const BucketFile = z.object({ createdAt: z.iso.datetime(), settings: BucketSettings });

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const isBucketName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^[0-9.]+$/.test(name);

/** Opens the buckets in a folder, and removes unfinished uploads from earlier runs. */
export function openBucketStore(dataDir: string, clock: () => Date): BucketStore {
  const root = join(dataDir, 'buckets');
  const unfinished = join(dataDir, 'unfinished');
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  mkdirSync(root, { recursive: true });

  const buckets = new Map<string, Bucket>();
  const open = (name: string): Bucket => {
    const { createdAt, settings } = BucketFile.parse(
      JSON.parse(readFileSync(join(root, name, 'bucket.json'), 'utf8')),
    );
    const bucket = new Bucket(name, new Date(createdAt), settings, join(root, name));
    buckets.set(name, bucket);
    return bucket;
  };
  for (const name of readdirSync(root)) {
    if (existsSync(join(root, name, 'bucket.json'))) open(name);
  }

  return {
    find: (name) => buckets.get(name),
    all: () => [...buckets.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    create: (name, settings) => {
      if (!isBucketName(name)) throw new Error(`Invalid bucket name: ${JSON.stringify(name)}`);
      const existing = buckets.get(name);
      const createdAt = existing?.createdAt ?? clock();
      writeFileAtomically(join(root, name, 'bucket.json'), JSON.stringify({ createdAt, settings }));
      if (existing === undefined) return open(name);
      existing.settings = settings;
      return existing;
    },
    unfinishedFile: () => join(unfinished, randomUUID()),
  };
}
