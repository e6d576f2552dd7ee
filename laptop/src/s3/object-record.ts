import { z } from 'zod';
import { checksumAlgorithms, type ObjectChecksum } from './checksums.ts';
import { ObjectTags } from './object-tags.ts';

/** How an object is encrypted at rest: said and kept, not done. */
export const Encryption = z.discriminatedUnion('algorithm', [
  z.object({ algorithm: z.literal('AES256') }),
  z.object({ algorithm: z.literal('aws:kms'), keyArn: z.string() }),
]);
export type Encryption = z.infer<typeof Encryption>;

const common = { versionId: z.string(), lastModified: z.iso.datetime().transform((text) => new Date(text)) };

export const StoredChecksum = z.object({ algorithm: z.enum(checksumAlgorithms), value: z.string() });

/** The parts that an object was uploaded in, which S3 remembers. */
export const ObjectParts = z.object({
  /** The checksum of their checksums, with `-` and their number; absent if the object's is of all its bytes. */
  composite: z.string().exactOptional(),
  /** In their order; sizes in bytes, checksums of the object's algorithm. */
  list: z.array(z.object({ size: z.number(), checksum: z.string() })).min(1),
});
export type ObjectParts = z.infer<typeof ObjectParts>;

/** One version of an object. Its bytes are in `dataFile`, beside the record. */
export const ObjectVersion = z.object({
  kind: z.literal('object'),
  ...common,
  /** Without its quotes. */
  etag: z.string(),
  /** Of the bytes, in hex; the ETag is another under a KMS key. */
  md5: z.string(),
  /** Bytes. */
  size: z.number(),
  dataFile: z.string(),
  /** The headers that are given back as they came: content type and the like, and user metadata. */
  headers: z.record(z.string(), z.string()),
  storageClass: z.string(),
  encryption: Encryption,
  /** Of the bytes, even if S3 reports another: see {@link reportedChecksum}. */
  checksum: StoredChecksum,
  parts: ObjectParts.exactOptional(),
  tags: ObjectTags.default([]),
});
export type ObjectVersion = z.infer<typeof ObjectVersion>;

/** The checksum that S3 tells of an object. */
export const reportedChecksum = ({
  checksum,
  parts,
}: Pick<ObjectVersion, 'checksum' | 'parts'>): ObjectChecksum =>
  parts?.composite === undefined
    ? { ...checksum, type: 'FULL_OBJECT' }
    : { algorithm: checksum.algorithm, value: parts.composite, type: 'COMPOSITE' };

/** What a deletion leaves in a versioned bucket. */
const DeleteMarker = z.object({ kind: z.literal('delete-marker'), ...common });

export const Version = z.discriminatedUnion('kind', [ObjectVersion, DeleteMarker]);
export type Version = z.infer<typeof Version>;

/** Everything under one key, the latest version first; never empty. */
export const KeyRecord = z.object({ key: z.string(), versions: z.array(Version).min(1) });
export interface KeyRecord {
  readonly key: string;
  readonly versions: readonly Version[];
}

/** The version id of every object in a bucket without versioning. */
export const NULL_VERSION = 'null';
