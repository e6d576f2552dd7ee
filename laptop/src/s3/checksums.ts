import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Sha1, Sha256 } from '@aws-sdk/checksums/sha';

/** A running digest, with the same interface as the SDK's digests. */
export interface Digest {
  update(data: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

const ALGORITHMS = {
  crc32: { bytes: 4, create: (): Digest => new Crc32() },
  crc32c: { bytes: 4, create: (): Digest => new Crc32c() },
  crc64nvme: { bytes: 8, create: (): Digest => new Crc64Nvme() },
  sha1: { bytes: 20, create: (): Digest => new Sha1() },
  sha256: { bytes: 32, create: (): Digest => new Sha256() },
} as const;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

export const checksumAlgorithms = Object.keys(ALGORITHMS) as [ChecksumAlgorithm, ...ChecksumAlgorithm[]];

/** The algorithm for uploads without a checksum. */
export const DEFAULT_CHECKSUM: ChecksumAlgorithm = 'crc64nvme';

/** A checksum in base64. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

export const startDigest = (algorithm: ChecksumAlgorithm): Digest => ALGORITHMS[algorithm].create();

/** Returns whether a string is a base64-encoded digest of the length that the algorithm produces. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === ALGORITHMS[algorithm].bytes && bytes.toString('base64') === text;
}

/** Returns the algorithm that a checksum header names, such as `crc32` for `x-amz-checksum-crc32`. */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((algorithm) => name === `x-amz-checksum-${algorithm}`);
}

/** A full-object checksum covers the bytes of an object, and a composite one covers the checksums of its parts. */
export const checksumTypes = ['COMPOSITE', 'FULL_OBJECT'] as const;
type ChecksumType = (typeof checksumTypes)[number];

export interface ObjectChecksum extends Checksum {
  readonly type: ChecksumType;
}

/** Marks a checksum of all of an object's bytes as a full-object checksum. */
export const fullObject = (checksum: Checksum): ObjectChecksum => ({ ...checksum, type: 'FULL_OBJECT' });

/** Returns the name of the XML element for a checksum, such as `ChecksumCRC32`. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm.toUpperCase()}`;

export const checksumHeaders = ({ algorithm, value, type }: ObjectChecksum): Record<string, string> => ({
  [`x-amz-checksum-${algorithm}`]: value,
  'x-amz-checksum-type': type,
});
