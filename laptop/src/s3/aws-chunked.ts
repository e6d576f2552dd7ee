import { createHash } from 'node:crypto';
import type { ChunkChain } from '../sigv4/verify.ts';
import { BodyRefused } from './body-refused.ts';
import { ByteReader } from './byte-reader.ts';
import { failure, type S3ErrorCode } from './failures.ts';

const CHUNK_HEADER = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/;
const TRAILER = /^([a-z0-9-]+):(.*)$/i;
const EMPTY_SHA256 = createHash('sha256').digest('hex');

/** How to verify an `aws-chunked` body, and where to store its trailers. */
export interface ChunkedOptions {
  /** Verifies signed chunks and trailers. */
  readonly chain?: ChunkChain;
  /** Receives the trailers by lowercase name. The map is complete at the end of the body. */
  readonly trailers: Map<string, string>;
}

/**
 * Removes the chunk framing of a body, and collects its trailers. If the body is signed, the signatures of its chunks
 * and trailers are verified.
 *
 * @throws BodyRefused if the framing is malformed, the body ends early, or a signature does not match. The bytes of a
 *   chunk are yielded before its signature is verified, so do not use any bytes before the end
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  { chain, trailers }: ChunkedOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const reader = new ByteReader(source);
  const signatures = chain === undefined ? undefined : new SignatureChain(chain);
  try {
    yield* readChunks(reader, signatures);
    await readTrailers(reader, signatures, trailers);
    if (!(await reader.atEnd())) refuse('MalformedTrailerError', 'The body has data after the trailers.');
  } finally {
    await reader.release();
  }
}

async function* readChunks(
  reader: ByteReader,
  signatures: SignatureChain | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const [, size, signature] = CHUNK_HEADER.exec(await reader.line()) ?? [];
    if (size === undefined) refuse('InvalidRequest', 'The chunk header is malformed.');
    const length = Number.parseInt(size, 16);
    const hash = createHash('sha256');
    for await (const piece of reader.bytes(length)) {
      if (signatures !== undefined) hash.update(piece);
      yield piece;
    }
    await signatures?.acceptChunk(hash.digest('hex'), signature);
    if (length === 0) return;
    if ((await reader.line()) !== '') refuse('InvalidRequest', 'The chunk is longer than its header says.');
  }
}

async function readTrailers(
  reader: ByteReader,
  signatures: SignatureChain | undefined,
  trailers: Map<string, string>,
): Promise<void> {
  let signed = '';
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const [, name, value] = TRAILER.exec(line) ?? [];
    if (name === undefined || value === undefined) refuse('MalformedTrailerError', 'A trailer is malformed.');
    trailers.set(name.toLowerCase(), value.trim());
    if (name.toLowerCase() !== 'x-amz-trailer-signature') signed += `${name.toLowerCase()}:${value.trim()}\n`;
  }
  if (signed !== '') await signatures?.acceptTrailers(signed, trailers.get('x-amz-trailer-signature'));
}

/** Verifies signatures, each of which covers the previous one. The first covers the signature of the request. */
class SignatureChain {
  readonly #chain: ChunkChain;
  #previous: string;

  constructor(chain: ChunkChain) {
    this.#chain = chain;
    this.#previous = chain.seedSignature;
  }

  acceptChunk(sha256: string, signature: string | undefined): Promise<void> {
    return this.#accept('AWS4-HMAC-SHA256-PAYLOAD', `${EMPTY_SHA256}\n${sha256}`, signature);
  }

  acceptTrailers(text: string, signature: string | undefined): Promise<void> {
    return this.#accept(
      'AWS4-HMAC-SHA256-TRAILER',
      createHash('sha256').update(text).digest('hex'),
      signature,
    );
  }

  async #accept(algorithm: string, hashes: string, signature: string | undefined): Promise<void> {
    const { longDate, scope } = this.#chain;
    const expected = await this.#chain.sign([algorithm, longDate, scope, this.#previous, hashes].join('\n'));
    if (signature !== expected) throw new BodyRefused(failure('SignatureDoesNotMatch'));
    this.#previous = expected;
  }
}

function refuse(code: S3ErrorCode, message: string): never {
  throw new BodyRefused(failure(code, { message }));
}
