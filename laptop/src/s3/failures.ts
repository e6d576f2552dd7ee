import type { SignatureFailure } from '../sigv4/signature-failure.ts';

/**
 * The supported errors, with S3's statuses and usual messages.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const ERRORS = {
  AccessControlListNotSupported: [400, 'The bucket does not allow ACLs'],
  AccessDenied: [403, 'Access Denied'],
  AccessForbidden: [403, 'CORSResponse: This CORS request is not allowed.'],
  AuthorizationHeaderMalformed: [400, 'The authorization header is malformed.'],
  AuthorizationQueryParametersError: [400, 'The authorization query parameters are malformed.'],
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match what we received.'],
  BadRequest: [400, 'Bad Request'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed size'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed size'],
  InvalidAccessKeyId: [403, 'The AWS Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid Argument'],
  InvalidDigest: [400, 'The Content-MD5 you specified was invalid.'],
  InvalidObjectState: [403, 'The operation is not valid for the object’s storage class'],
  InvalidPart: [
    400,
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  ],
  InvalidPartOrder: [
    400,
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
  ],
  InvalidPolicyDocument: [400, 'Invalid Policy: Invalid JSON.'],
  InvalidRange: [416, 'The requested range is not satisfiable'],
  InvalidRequest: [400, 'Invalid Request'],
  InvalidStorageClass: [400, 'The storage class you specified is not valid'],
  InvalidTag: [400, 'The tag provided was not a valid tag.'],
  InvalidToken: [400, 'The provided token is malformed or otherwise invalid.'],
  InvalidURI: [400, 'Couldn’t parse the specified URI.'],
  KeyTooLongError: [400, 'Your key is too long'],
  MalformedPOSTRequest: [400, 'The body of your POST request is not well-formed multipart/form-data.'],
  MalformedXML: [
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  ],
  MaxPostPreDataLengthExceeded: [400, 'Your POST request fields preceding the upload file were too large.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  ],
  NoSuchVersion: [404, 'The specified version does not exist.'],
  NotImplemented: [
    501,
    'A header, parameter or method you provided implies functionality that is not implemented',
  ],
  PreconditionFailed: [412, 'At least one of the pre-conditions you specified did not hold'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [
    403,
    'The request signature we calculated does not match the signature you provided.',
  ],
  XAmzContentSHA256Mismatch: [
    400,
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  ],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type S3ErrorCode = keyof typeof ERRORS;

/** A failure that is written as an error document. */
export interface S3Failure {
  readonly kind: 'failure';
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly message: string;
  /** Further elements of the error document. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Creates a failure. Pass a `message` only if S3's usual one is not specific enough. */
export function failure(
  code: S3ErrorCode,
  extra: { message?: string; details?: Record<string, string>; headers?: Record<string, string> } = {},
): S3Failure {
  const [status, message] = ERRORS[code];
  return { kind: 'failure', code, status, message, details: {}, headers: {}, ...extra };
}

/** Creates the failure for bytes that do not match the client's checksum. */
export const wrongChecksum = (algorithm: string): S3Failure =>
  failure('BadDigest', {
    message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  });

const MALFORMED = {
  header: 'AuthorizationHeaderMalformed',
  query: 'AuthorizationQueryParametersError',
  form: 'InvalidArgument',
} as const;

/** Returns S3's error for an invalid signature. */
export function failureOfSignature(refused: SignatureFailure): S3Failure {
  switch (refused.reason) {
    case 'missing':
      return failure('AccessDenied');
    case 'outdated-version':
      return failure('InvalidRequest', {
        message:
          'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      });
    case 'malformed':
    case 'wrong-scope': {
      return failure(MALFORMED[refused.carrier], { message: refused.detail });
    }
    case 'invalid-target':
      return failure('InvalidURI');
    case 'payload-hash-missing':
      return failure('InvalidRequest', {
        message: 'Missing required header for this request: x-amz-content-sha256',
      });
    case 'unknown-access-key':
      return failure('InvalidAccessKeyId');
    case 'invalid-session-token':
      return failure('InvalidToken');
    case 'headers-not-signed':
      return failure('AccessDenied', {
        message: 'There were headers present in the request which were not signed',
        details: { HeadersNotSigned: refused.headers.join(', ') },
      });
    case 'skewed':
      return failure('RequestTimeTooSkewed', {
        details: { RequestTime: refused.signedAt.toISOString(), ServerTime: refused.now.toISOString() },
      });
    case 'not-yet-valid':
      return failure('AccessDenied', { message: 'Request is not valid yet' });
    case 'expired':
      return failure('AccessDenied', {
        message: 'Request has expired',
        details: { Expires: refused.expiredAt.toISOString(), ServerTime: refused.now.toISOString() },
      });
    case 'mismatch':
      return failure('SignatureDoesNotMatch');
  }
}
