import { algorithmOfHeader, type Checksum, type ChecksumAlgorithm, isChecksumValue } from './checksums.ts';
import { failure, type S3Failure } from './failures.ts';
import type { S3Request } from './request.ts';

/** The format of an upload, and its expected length and digests. */
export interface UploadBody {
  readonly kind: 'upload-body';
  /** `aws-chunked` bodies have chunk sizes, and can have signatures and trailers. */
  readonly framing: 'plain' | 'chunked' | 'chunked-signed';
  /** Length in bytes without the framing. */
  readonly length: number;
  /** The SHA-256 in hex, if the signature covers the whole body. */
  readonly sha256?: string;
  /** The MD5 in base64. */
  readonly md5?: string;
  /** The checksum that the client sent before the body. */
  readonly checksum?: Checksum;
  /** The algorithm of a checksum that follows the body. */
  readonly trailer?: ChecksumAlgorithm;
}

/** Maximum size of a PUT: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

type Framing = UploadBody['framing'];
const STREAMING: Readonly<Record<string, Framing>> = {
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': 'chunked',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': 'chunked-signed',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': 'chunked-signed',
};

/**
 * Reads the format, length, and digests of a body from the headers. Rejects contradictory headers before the body is
 * read.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function readUploadBody({ headers, signature }: S3Request): UploadBody | S3Failure {
  const { payloadHash } = signature;
  const whole = /^[0-9a-f]{64}$/.test(payloadHash);
  const framing = STREAMING[payloadHash] ?? 'plain';
  if (framing === 'plain' && !whole && payloadHash !== 'UNSIGNED-PAYLOAD') {
    return failure('InvalidRequest', {
      message:
        'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a supported STREAMING value or a SHA-256 in hex.',
    });
  }
  const length = headers.get(framing === 'plain' ? 'content-length' : 'x-amz-decoded-content-length');
  if (length === undefined) return failure('MissingContentLength');
  if (!/^\d{1,15}$/.test(length))
    return failure('InvalidArgument', { message: 'The length must be a number of bytes.' });
  if (Number(length) > MAX_BYTES) return failure('EntityTooLarge');

  const md5 = headers.get('content-md5');
  if (md5 !== undefined && Buffer.from(md5, 'base64').toString('base64') !== md5)
    return failure('InvalidDigest');
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) return failure('InvalidDigest');

  const checksum = readChecksum(headers, payloadHash.endsWith('-TRAILER') ? 'announced' : 'none');
  if ('kind' in checksum) return checksum;
  return {
    kind: 'upload-body',
    framing,
    length: Number(length),
    ...(whole ? { sha256: payloadHash } : {}),
    ...(md5 === undefined ? {} : { md5 }),
    ...checksum,
  };
}

/** Reads the checksum that a client sends before its body, or the algorithm of the checksum that follows the body. */
export function readChecksum(
  headers: ReadonlyMap<string, string>,
  trailers: 'announced' | 'none',
): Pick<UploadBody, 'checksum' | 'trailer'> | S3Failure {
  const sent: Checksum[] = [];
  for (const [name, value] of headers) {
    const algorithm = algorithmOfHeader(name);
    if (algorithm === undefined) continue;
    if (!isChecksumValue(algorithm, value)) {
      return failure('InvalidRequest', { message: `Value for ${name} header is invalid.` });
    }
    sent.push({ algorithm, value });
  }
  const announced = headers.get('x-amz-trailer');
  const trailer = announced === undefined ? undefined : algorithmOfHeader(announced.toLowerCase());
  if ((trailers === 'announced') !== (trailer !== undefined)) {
    return failure('InvalidRequest', {
      message: 'The value specified in the x-amz-trailer header is not supported',
    });
  }
  if (sent.length + (trailer === undefined ? 0 : 1) > 1) {
    return failure('InvalidRequest', { message: 'Expecting a single x-amz-checksum- header' });
  }
  const [checksum] = sent;
  if (headers.has('x-amz-sdk-checksum-algorithm') && checksum === undefined && trailer === undefined) {
    return failure('InvalidRequest', {
      message:
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers.',
    });
  }
  return { ...(checksum === undefined ? {} : { checksum }), ...(trailer === undefined ? {} : { trailer }) };
}
