import { z } from 'zod';
import { checksumAlgorithms, checksumElement } from '../checksums.ts';
import { failure, type S3Failure } from '../failures.ts';
import { readXmlDocument, repeated } from '../xml-document.ts';
import type { ChecksumPlan } from './checksum-plan.ts';
import type { MultipartUpload, Part } from './multipart-upload.ts';

/** The parts that a client lists to complete an upload. */
export interface PartList {
  readonly kind: 'part-list';
  readonly parts: readonly Part[];
}

/** Minimum size of each part except the last: 5 MiB. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;

/** A part with its number, its ETag, and optional checksums. */
const ListedPart = z
  .object({ PartNumber: z.string().regex(/^\d{1,5}$/), ETag: z.string() })
  .catchall(z.string());
type ListedPart = z.infer<typeof ListedPart>;

const CompleteMultipartUpload = z.object({ Part: repeated(ListedPart) });

/**
 * Reads the list of parts, and compares it with the uploaded parts.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function readPartList(body: Buffer, upload: MultipartUpload): PartList | S3Failure {
  const sent = readXmlDocument(body, 'CompleteMultipartUpload', CompleteMultipartUpload);
  if (sent.kind === 'failure') return sent;
  const { Part: listed } = sent.value;
  if (listed.length > MAX_PARTS) return failure('MalformedXML');
  const numbers = listed.map(({ PartNumber }) => Number(PartNumber));
  const { plan, uploadId } = upload.record;
  const follows = (number: number, at: number) =>
    // S3 allows gaps only if the client chose no checksum algorithm.
    plan.chosenBy === 'client' ? number === at + 1 : number > (numbers[at - 1] ?? 0);
  if (!numbers.every(follows)) return failure('InvalidPartOrder', { details: { UploadId: uploadId } });

  const parts: Part[] = [];
  for (const one of listed) {
    const part = findPart(upload, one);
    if ('kind' in part) return part;
    parts.push(part);
  }
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small !== undefined) {
    const details = {
      ETag: small.etag,
      MinSizeAllowed: String(MIN_PART_BYTES),
      PartNumber: String(small.partNumber),
      ProposedSize: String(small.size),
    };
    return failure('EntityTooSmall', { details });
  }
  return { kind: 'part-list', parts };
}

function findPart(upload: MultipartUpload, listed: ListedPart): Part | S3Failure {
  const { plan, uploadId } = upload.record;
  const part = upload.find(Number(listed.PartNumber));
  const missing = missingChecksum(plan, listed);
  if (missing !== undefined) return missing;
  if (part?.etag === listed.ETag.replace(/^"(.*)"$/, '$1') && fits(part, listed)) return part;
  return failure('InvalidPart', {
    details: { ETag: listed.ETag, PartNumber: listed.PartNumber, UploadId: uploadId },
  });
}

function missingChecksum({ algorithm, type }: ChecksumPlan, listed: ListedPart): S3Failure | undefined {
  if (type === 'FULL_OBJECT' || listed[checksumElement(algorithm)] !== undefined) return undefined;
  return failure('InvalidRequest', {
    message: `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${listed.PartNumber} in the request.`,
  });
}

/** Returns whether all listed checksums match the part's checksum. */
const fits = ({ checksum }: Part, listed: ListedPart): boolean =>
  checksumAlgorithms.every((algorithm) => {
    const value = listed[checksumElement(algorithm)];
    return value === undefined || (algorithm === checksum.algorithm && value === checksum.value);
  });
