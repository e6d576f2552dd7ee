import { z } from 'zod';
import { checksumAlgorithms, checksumTypes } from './checksums.ts';
import { ObjectTags } from './object-tags.ts';

/** An object's encryption settings. Local mode records them, but does not encrypt objects. */
export const Encryption = z.discriminatedUnion('algorithm', [
  z.object({ algorithm: z.literal('AES256') }),
  z.object({ algorithm: z.literal('aws:kms'), keyArn: z.string() }),
]);
export type Encryption = z.infer<typeof Encryption>;

const common = { versionId: z.string(), lastModified: z.iso.datetime().transform((text) => new Date(text)) };

export const StoredChecksum = z.object({ algorithm: z.enum(checksumAlgorithms), value: z.string() });

/** The parts in which an object was uploaded, with their sizes in bytes. */
const ObjectParts = z.array(z.object({ size: z.number() })).min(1);

export const ObjectVersion = z.object({
  kind: z.literal('object'),
  ...common,
  /** The ETag without quotes. */
  etag: z.string(),
  /** The MD5 in hex. It is not the ETag if KMS encrypts the object. Absent if the object was uploaded in parts. */
  md5: z.string().exactOptional(),
  /** Size in bytes. */
  size: z.number(),
  /**
   * Names of the files that contain the bytes, in the same folder as the record: one per part, or one for the whole
   * object.
   */
  dataFiles: z.array(z.string()).min(1),
  /** Headers that are returned unchanged, such as content type and user metadata. */
  headers: z.record(z.string(), z.string()),
  storageClass: z.string(),
  encryption: Encryption,
  /** A composite checksum ends with `-` and the number of parts. */
  checksum: StoredChecksum.extend({ type: z.enum(checksumTypes) }),
  parts: ObjectParts.exactOptional(),
  tags: ObjectTags.default([]),
});
export type ObjectVersion = z.infer<typeof ObjectVersion>;

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
