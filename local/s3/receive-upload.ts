import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Md5 } from '@aws-sdk/checksums/md5';
import { invitesBody } from '../loopback-server.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { BodyRefused } from './body-refused.ts';
import { type Checksum, type ChecksumAlgorithm, DEFAULT_CHECKSUM, startDigest } from './checksums.ts';
import { failure, type S3Failure } from './failures.ts';
import type { S3Request } from './request.ts';
import type { UploadBody } from './upload-body.ts';

/** A body that arrived whole and is what its sender said. */
export interface Upload {
  readonly kind: 'upload';
  readonly file: string;
  readonly size: number;
  /** In hex. */
  readonly md5: string;
  readonly checksum: Checksum;
}

/**
 * Streams a body into a file and holds it against everything that was said of it.
 *
 * @param file does not exist yet; it exists afterwards only if the upload is accepted
 * @throws if the client goes away half-way
 */
export async function receiveUpload(
  request: S3Request,
  body: UploadBody,
  file: string,
): Promise<Upload | S3Failure> {
  try {
    const outcome = await receive(request, body, file);
    if (outcome.kind === 'failure') await rm(file, { force: true });
    return outcome;
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof BodyRefused) return error.failure;
    throw error;
  }
}

async function receive(request: S3Request, body: UploadBody, file: string): Promise<Upload | S3Failure> {
  const { message, response, signature } = request;
  const algorithm: ChecksumAlgorithm = body.checksum?.algorithm ?? body.trailer ?? DEFAULT_CHECKSUM;
  const digests = { md5: new Md5(), sha256: startDigest('sha256'), checksum: startDigest(algorithm) };
  const wanted = body.sha256 === undefined ? [digests.md5, digests.checksum] : Object.values(digests);
  const trailers = new Map<string, string>();

  // Open before the first byte: a stream that opened by itself could still make the file after its removal.
  const output = await open(file, 'wx');
  invitesBody(message, response);
  // A refused body must not take the connection with it, or the client would never read why.
  const bytes: AsyncIterable<Buffer> = message.iterator({ destroyOnReturn: false });
  const chain = body.framing === 'chunked-signed' ? { chain: signature.chunkChain } : {};
  const content = body.framing === 'plain' ? bytes : decodeAwsChunked(bytes, { ...chain, trailers });
  let size = 0;
  await pipeline(
    content,
    async function* measure(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        size += piece.length;
        if (size > body.length) throw new BodyRefused(failure('IncompleteBody'));
        for (const digest of wanted) digest.update(piece);
        yield piece;
      }
    },
    output.createWriteStream(),
  );

  const hex = async (digest: { digest(): Promise<Uint8Array> }) =>
    Buffer.from(await digest.digest()).toString('hex');
  const md5 = await hex(digests.md5);
  const value = Buffer.from(await digests.checksum.digest()).toString('base64');
  const trailing = body.trailer === undefined ? undefined : trailers.get(`x-amz-checksum-${body.trailer}`);
  if (size !== body.length) return failure('IncompleteBody');
  if (body.sha256 !== undefined && body.sha256 !== (await hex(digests.sha256))) {
    return failure('XAmzContentSHA256Mismatch');
  }
  if (body.md5 !== undefined && Buffer.from(body.md5, 'base64').toString('hex') !== md5)
    return failure('BadDigest');
  if (body.trailer !== undefined && trailing === undefined) return failure('MalformedTrailerError');
  const claimed = body.checksum?.value ?? trailing;
  if (claimed !== undefined && claimed !== value) {
    return failure('BadDigest', {
      message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    });
  }
  return { kind: 'upload', file, size, md5, checksum: { algorithm, value } };
}
