import { rm } from 'node:fs/promises';
import { invitesBody } from '../loopback-server.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { BodyRefused } from './body-refused.ts';
import { type Checksum, type ChecksumAlgorithm, DEFAULT_CHECKSUM } from './checksums.ts';
import { failure, type S3Failure, wrongChecksum } from './failures.ts';
import type { S3Request } from './request.ts';
import type { UploadBody } from './upload-body.ts';
import { writeDigested } from './write-digested.ts';

/** A complete body that matches the client's length and digests. */
export interface Upload {
  readonly kind: 'upload';
  readonly file: string;
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum;
  /** The client's checksum, verified. */
  readonly claimed?: Checksum;
}

/**
 * Streams a body into a file, and checks it against the client's length and digests.
 *
 * @param file a new path. The file is removed if the upload is rejected
 * @param kept algorithm of the checksum to keep. @default - the client's, or else S3's default
 * @throws if the client disconnects before the end
 */
export async function receiveUpload(
  request: S3Request,
  body: UploadBody,
  file: string,
  kept = claimedAlgorithm(body) ?? DEFAULT_CHECKSUM,
): Promise<Upload | S3Failure> {
  try {
    const outcome = await receive(request, body, file, kept);
    if (outcome.kind === 'failure') await rm(file);
    return outcome;
  } catch (error) {
    if (error instanceof BodyRefused) return error.failure;
    throw error;
  }
}

async function receive(
  request: S3Request,
  body: UploadBody,
  file: string,
  kept: ChecksumAlgorithm,
): Promise<Upload | S3Failure> {
  const { message, response, signature } = request;
  const algorithm = claimedAlgorithm(body) ?? kept;
  const signed: ChecksumAlgorithm[] = body.sha256 === undefined ? [] : ['sha256'];
  const trailers = new Map<string, string>();

  invitesBody(message, response);
  // Keep the connection open if the body is rejected, so that the client can read the error.
  const bytes: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
  const chain = body.framing === 'chunked-signed' ? { chain: signature.chunkChain } : {};
  const content = body.framing === 'plain' ? bytes : decodeAwsChunked(bytes, { ...chain, trailers });
  const within = limited(content, body.length, failure('IncompleteBody'));
  const facts = await writeDigested(within, file, kept, algorithm, ...signed);
  const { size, md5 } = facts;
  const trailing = body.trailer === undefined ? undefined : trailers.get(`x-amz-checksum-${body.trailer}`);
  if (size !== body.length) return failure('IncompleteBody');
  if (body.sha256 !== undefined && base64OfHex(body.sha256) !== facts.checksum('sha256').value) {
    return failure('XAmzContentSHA256Mismatch');
  }
  if (body.md5 !== undefined && Buffer.from(body.md5, 'base64').toString('hex') !== md5)
    return failure('BadDigest');
  if (body.trailer !== undefined && trailing === undefined) return failure('MalformedTrailerError');
  const claimed = body.checksum?.value ?? trailing;
  const { value } = facts.checksum(algorithm);
  if (claimed !== undefined && claimed !== value) {
    return wrongChecksum(algorithm);
  }
  const checksum = facts.checksum(kept);
  return {
    kind: 'upload',
    file,
    size,
    md5,
    checksum,
    ...(claimed === undefined ? {} : { claimed: { algorithm, value } }),
  };
}

/** Yields the bytes of a body. @throws BodyRefused with `refusal` if the body is longer than `length` bytes */
export async function* limited(
  pieces: AsyncIterable<Buffer>,
  length: number,
  refusal: S3Failure,
): AsyncGenerator<Buffer, void, undefined> {
  let passed = 0;
  for await (const piece of pieces) {
    passed += piece.length;
    if (passed > length) throw new BodyRefused(refusal);
    yield piece;
  }
}

/** Returns the algorithm of the checksum that the client sends before or after a body. */
export const claimedAlgorithm = ({ checksum, trailer }: UploadBody): ChecksumAlgorithm | undefined =>
  checksum?.algorithm ?? trailer;

const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
