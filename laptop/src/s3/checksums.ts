import { Crc32, Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Sha1, Sha256 } from '@aws-sdk/checksums/sha';

/** A running digest, as the SDK's own implementations have it. */
export interface Digest {
  update(data: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

/** The checksums S3 verifies and keeps; each of the whole object. */
const ALGORITHMS = {
  crc32: { bytes: 4, create: (): Digest => new Crc32() },
  crc32c: { bytes: 4, create: (): Digest => new Crc32c() },
  crc64nvme: { bytes: 8, create: (): Digest => new Crc64Nvme() },
  sha1: { bytes: 20, create: (): Digest => new Sha1() },
  sha256: { bytes: 32, create: (): Digest => new Sha256() },
} as const;

export type ChecksumAlgorithm = keyof typeof ALGORITHMS;

export const checksumAlgorithms = Object.keys(ALGORITHMS) as [ChecksumAlgorithm, ...ChecksumAlgorithm[]];

/** What S3 computes for an upload that brings no checksum. */
export const DEFAULT_CHECKSUM: ChecksumAlgorithm = 'crc64nvme';

/** A finished checksum, in base64. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
}

export const startDigest = (algorithm: ChecksumAlgorithm): Digest => ALGORITHMS[algorithm].create();

/** Whether a text is the base64 of as many bytes as the algorithm gives. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === ALGORITHMS[algorithm].bytes && bytes.toString('base64') === text;
}

/** The algorithm that a header or trailer such as `x-amz-checksum-crc32` is about. */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return checksumAlgorithms.find((algorithm) => name === `x-amz-checksum-${algorithm}`);
}

/** Whether a checksum is of the bytes of an object, or of the checksums of the parts that it was uploaded in. */
export const checksumTypes = ['COMPOSITE', 'FULL_OBJECT'] as const;
type ChecksumType = (typeof checksumTypes)[number];

/** A checksum as an object has it. */
export interface ObjectChecksum extends Checksum {
  readonly type: ChecksumType;
}

/** The name of a checksum in documents, such as `ChecksumCRC32`. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm.toUpperCase()}`;

/** The headers that report a checksum. */
export const checksumHeaders = ({ algorithm, value, type }: ObjectChecksum): Record<string, string> => ({
  [`x-amz-checksum-${algorithm}`]: value,
  'x-amz-checksum-type': type,
});
