import { algorithmOfHeader, type Checksum, type ChecksumAlgorithm, isChecksumValue } from './checksums.ts';
import type { ContentFacts } from './content-digests.ts';
import { failure, type S3Failure, wrongChecksum } from './failures.ts';
import type { S3Request } from './request.ts';

/** The expected digests of an upload. */
export interface UploadBody {
  readonly kind: 'upload-body';
  /** The SHA-256 in hex, if the signature covers the whole body. */
  readonly sha256?: string;
  /** The MD5 in base64. */
  readonly md5?: string;
  readonly checksum?: Checksum;
}

/** Maximum size of a PUT: 5 GiB. */
const MAX_BYTES = 5 * 1024 ** 3;

/**
 * Reads the digests of a body from the headers. Rejects contradictory headers and a wrong length before the body is
 * read. Bodies with `aws-chunked` framing are not supported.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function readUploadBody({ headers, signature }: S3Request): UploadBody | S3Failure {
  const { payloadHash } = signature;
  const whole = /^[0-9a-f]{64}$/.test(payloadHash);
  if (payloadHash.startsWith('STREAMING-')) {
    return failure('NotImplemented', { details: { Header: 'x-amz-content-sha256' } });
  }
  if (!whole && payloadHash !== 'UNSIGNED-PAYLOAD') {
    return failure('InvalidRequest', {
      message: 'x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256 in hex.',
    });
  }
  const length = headers.get('content-length');
  if (length === undefined) return failure('MissingContentLength');
  if (!/^\d{1,15}$/.test(length))
    return failure('InvalidArgument', { message: 'The length must be a number of bytes.' });
  if (Number(length) > MAX_BYTES) return failure('EntityTooLarge');

  const md5 = headers.get('content-md5');
  if (md5 !== undefined && Buffer.from(md5, 'base64').toString('base64') !== md5)
    return failure('InvalidDigest');
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) return failure('InvalidDigest');

  const checksum = readChecksum(headers);
  if ('kind' in checksum) return checksum;
  return {
    kind: 'upload-body',
    ...(whole ? { sha256: payloadHash } : {}),
    ...(md5 === undefined ? {} : { md5 }),
    ...checksum,
  };
}

/** Reads the checksum that a client sends with its body. */
function readChecksum(headers: ReadonlyMap<string, string>): Pick<UploadBody, 'checksum'> | S3Failure {
  const sent: Checksum[] = [];
  for (const [name, value] of headers) {
    const algorithm = algorithmOfHeader(name);
    if (algorithm === undefined) continue;
    if (!isChecksumValue(algorithm, value)) {
      return failure('InvalidRequest', { message: `Value for ${name} header is invalid.` });
    }
    sent.push({ algorithm, value });
  }
  const [checksum, ...more] = sent;
  if (more.length > 0) {
    return failure('InvalidRequest', { message: 'Expecting a single x-amz-checksum- header' });
  }
  if (checksum !== undefined) return { checksum };
  return headers.has('x-amz-sdk-checksum-algorithm')
    ? failure('InvalidRequest', {
        message: 'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* header.',
      })
    : {};
}

/** Returns the algorithms of the digests that {@link digestFailure} compares. */
export const algorithmsOf = ({ sha256, checksum }: UploadBody): readonly ChecksumAlgorithm[] => [
  ...(sha256 === undefined ? [] : (['sha256'] as const)),
  ...(checksum === undefined ? [] : [checksum.algorithm]),
];

/** Compares the bytes of a body with the client's digests. */
export function digestFailure(
  { sha256, md5, checksum }: UploadBody,
  facts: ContentFacts,
): S3Failure | undefined {
  const base64OfHex = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
  if (sha256 !== undefined && base64OfHex(sha256) !== facts.checksum('sha256').value) {
    return failure('XAmzContentSHA256Mismatch');
  }
  if (md5 !== undefined && md5 !== base64OfHex(facts.md5)) return failure('BadDigest');
  return checksum === undefined || checksum.value === facts.checksum(checksum.algorithm).value
    ? undefined
    : wrongChecksum(checksum.algorithm);
}
