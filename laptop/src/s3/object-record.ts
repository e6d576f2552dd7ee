import { z } from 'zod';
import { checksumAlgorithms, type ObjectChecksum } from './checksums.ts';
import { ObjectTags } from './object-tags.ts';

/** The encryption of an object, which is recorded but not done. */
export const Encryption = z.discriminatedUnion('algorithm', [
  z.object({ algorithm: z.literal('AES256') }),
  z.object({ algorithm: z.literal('aws:kms'), keyArn: z.string() }),
]);
export type Encryption = z.infer<typeof Encryption>;

const common = { versionId: z.string(), lastModified: z.iso.datetime().transform((text) => new Date(text)) };

export const StoredChecksum = z.object({ algorithm: z.enum(checksumAlgorithms), value: z.string() });

/** The parts in which an object was uploaded. */
export const ObjectParts = z.object({
  /** The composite checksum, with `-` and the number of parts. Absent if the object has a full-object checksum. */
  composite: z.string().exactOptional(),
  /** In order, with sizes in bytes and checksums of the object's algorithm. */
  list: z.array(z.object({ size: z.number(), checksum: z.string() })).min(1),
});
export type ObjectParts = z.infer<typeof ObjectParts>;

/** A version of an object. Its bytes are in `dataFile`, beside the record. */
export const ObjectVersion = z.object({
  kind: z.literal('object'),
  ...common,
  /** Without its quotes. */
  etag: z.string(),
  /** Of the bytes, in hex. Under a KMS key, the ETag differs. */
  md5: z.string(),
  /** Bytes. */
  size: z.number(),
  dataFile: z.string(),
  /** The headers that are returned unchanged, such as content type and user metadata. */
  headers: z.record(z.string(), z.string()),
  storageClass: z.string(),
  encryption: Encryption,
  /** The checksum of the bytes, even if S3 reports another one: see {@link reportedChecksum}. */
  checksum: StoredChecksum,
  parts: ObjectParts.exactOptional(),
  tags: ObjectTags.default([]),
});
export type ObjectVersion = z.infer<typeof ObjectVersion>;

/** Returns the checksum that S3 reports for an object. */
export const reportedChecksum = ({
  checksum,
  parts,
}: Pick<ObjectVersion, 'checksum' | 'parts'>): ObjectChecksum =>
  parts?.composite === undefined
    ? { ...checksum, type: 'FULL_OBJECT' }
    : { algorithm: checksum.algorithm, value: parts.composite, type: 'COMPOSITE' };

/** The mark of a deletion in a versioned bucket. */
const DeleteMarker = z.object({ kind: z.literal('delete-marker'), ...common });

export const Version = z.discriminatedUnion('kind', [ObjectVersion, DeleteMarker]);
export type Version = z.infer<typeof Version>;

/** The versions of a key, latest first. Never empty. */
export const KeyRecord = z.object({ key: z.string(), versions: z.array(Version).min(1) });
export interface KeyRecord {
  readonly key: string;
  readonly versions: readonly Version[];
}

/** The version ID of objects in a bucket without versioning. */
export const NULL_VERSION = 'null';
