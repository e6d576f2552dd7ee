import { z } from 'zod';
import {
  type Checksum,
  type ChecksumAlgorithm,
  checksumAlgorithms,
  checksumTypes,
  DEFAULT_CHECKSUM,
  type ObjectChecksum,
  startDigest,
} from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import type { UploadBody } from '../upload-body.ts';
import { combineCrcs } from './combine-crcs.ts';

/** The checksum algorithm of an upload, and the type of the object's checksum. */
export const ChecksumPlan = z.object({
  kind: z.literal('checksum-plan'),
  algorithm: z.enum(checksumAlgorithms),
  type: z.enum(checksumTypes),
  /** A client that chose no algorithm does not have to send part checksums, and does not receive any. */
  chosenBy: z.enum(['client', 'default']),
});
export type ChecksumPlan = z.infer<typeof ChecksumPlan>;

/** The types that each algorithm supports, S3's default first. */
const POSSIBLE_TYPES: Readonly<Record<ChecksumAlgorithm, readonly ChecksumPlan['type'][]>> = {
  crc32: ['COMPOSITE', 'FULL_OBJECT'],
  crc32c: ['COMPOSITE', 'FULL_OBJECT'],
  crc64nvme: ['FULL_OBJECT'],
  sha1: ['COMPOSITE'],
  sha256: ['COMPOSITE'],
};

/**
 * Reads the checksum headers of a new upload.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function readChecksumPlan(headers: ReadonlyMap<string, string>): ChecksumPlan | S3Failure {
  const requested = headers.get('x-amz-checksum-algorithm');
  const requestedType = headers.get('x-amz-checksum-type');
  if (requested === undefined) {
    return requestedType === undefined
      ? { kind: 'checksum-plan', algorithm: DEFAULT_CHECKSUM, type: 'FULL_OBJECT', chosenBy: 'default' }
      : invalid('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.');
  }
  const algorithm = checksumAlgorithms.find((one) => one === requested.toLowerCase());
  if (algorithm === undefined) {
    return invalid('Checksum algorithm provided is unsupported. Please try again with a supported one.');
  }
  const known = checksumTypes.find((type) => type === requestedType);
  if (requestedType !== undefined && known === undefined) {
    return invalid('Value for x-amz-checksum-type header is invalid.');
  }
  const type = POSSIBLE_TYPES[algorithm].find((one) => known === undefined || one === known);
  return type === undefined
    ? invalid(`The ${requestedType} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
    : { kind: 'checksum-plan', algorithm, type, chosenBy: 'client' };
}

/** Returns the headers that confirm the client's choice. */
export const planHeaders = ({ algorithm, type, chosenBy }: ChecksumPlan): Record<string, string> =>
  chosenBy === 'default'
    ? {}
    : { 'x-amz-checksum-algorithm': algorithm.toUpperCase(), 'x-amz-checksum-type': type };

/**
 * Rejects a part whose checksum algorithm differs from the one that the client chose for the upload. A part can omit
 * the checksum if the object gets a full-object checksum.
 */
export function partChecksumFailure(plan: ChecksumPlan, body: UploadBody): S3Failure | undefined {
  const algorithm = body.checksum?.algorithm;
  if (plan.chosenBy === 'default' || algorithm === plan.algorithm) return undefined;
  if (algorithm === undefined && plan.type === 'FULL_OBJECT') return undefined;
  return invalid(
    `Checksum Type mismatch occurred, expected checksum Type: ${plan.algorithm}, actual checksum Type: ${algorithm ?? 'null'}`,
  );
}

/**
 * Computes an object's checksum without reading the parts again. A composite checksum is the checksum of the parts'
 * checksums, followed by the number of parts.
 */
export async function checksumOfParts(
  { algorithm, type }: ChecksumPlan,
  parts: readonly { readonly size: number; readonly checksum: Checksum }[],
): Promise<ObjectChecksum> {
  const digests = parts.map(({ size, checksum }) => ({
    size,
    digest: Buffer.from(checksum.value, 'base64'),
  }));
  if (type === 'FULL_OBJECT') {
    return { algorithm, value: combineCrcs(algorithm, digests).toString('base64'), type };
  }
  const whole = startDigest(algorithm);
  for (const { digest } of digests) whole.update(digest);
  const value = `${Buffer.from(await whole.digest()).toString('base64')}-${parts.length}`;
  return { algorithm, value, type };
}

const invalid = (message: string): S3Failure => failure('InvalidRequest', { message });
