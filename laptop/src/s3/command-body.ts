import { createHash } from 'node:crypto';
import { readSmallBody } from '../loopback-server.ts';
import { ContentDigests } from './content-digests.ts';
import { failure, type S3Failure } from './failures.ts';
import type { S3Request } from './request.ts';
import { algorithmsOf, digestFailure, readUploadBody } from './upload-body.ts';

/**
 * Maximum body size of a request that is not an upload, in bytes. Large enough for lists of 10,000 parts or 1,000 keys.
 */
const MAX_BYTES = 4 * 1024 ** 2;

/** The body of a request that is not an upload. */
export interface CommandBody {
  readonly kind: 'command-body';
  readonly bytes: Buffer;
}

/** Reads the body of a request that is not an upload, and checks it against the signature. */
export async function readCommandBody({
  message,
  response,
  signature,
}: S3Request): Promise<CommandBody | S3Failure> {
  const bytes = await readSmallBody(message, response, MAX_BYTES);
  if (bytes === undefined) return failure('EntityTooLarge');
  const { payloadHash } = signature;
  const genuine =
    payloadHash === 'UNSIGNED-PAYLOAD' || payloadHash === createHash('sha256').update(bytes).digest('hex');
  return genuine ? { kind: 'command-body', bytes } : failure('XAmzContentSHA256Mismatch');
}

/**
 * Checks a document against its MD5 or checksum, one of which is required.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export async function documentFailure(request: S3Request, body: Buffer): Promise<S3Failure | undefined> {
  const claimed = readUploadBody(request);
  if (claimed.kind === 'failure') return claimed;
  if (claimed.md5 === undefined && claimed.checksum === undefined) {
    return failure('InvalidRequest', { message: 'Missing required header for this request: Content-MD5' });
  }
  const digests = new ContentDigests(...algorithmsOf(claimed));
  digests.update(body);
  return digestFailure(claimed, await digests.finish());
}
