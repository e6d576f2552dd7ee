/** Reason why a signature was rejected. Services report it with different errors. */
export type SignatureFailure =
  | { readonly reason: 'missing' }
  | { readonly reason: 'outdated-version' }
  | { readonly reason: 'malformed'; readonly carrier: SignatureCarrier; readonly detail: string }
  | { readonly reason: 'invalid-target' }
  | { readonly reason: 'payload-hash-missing' }
  | { readonly reason: 'wrong-scope'; readonly carrier: SignatureCarrier; readonly detail: string }
  | { readonly reason: 'unknown-access-key' }
  | { readonly reason: 'invalid-session-token' }
  | { readonly reason: 'headers-not-signed'; readonly headers: readonly string[] }
  | { readonly reason: 'skewed'; readonly signedAt: Date; readonly now: Date }
  | { readonly reason: 'not-yet-valid' }
  | { readonly reason: 'expired'; readonly expiredAt: Date; readonly now: Date }
  | { readonly reason: 'mismatch' };

/** Location of the signature: in the `Authorization` header, the query of a presigned URL, or a form. */
export type SignatureCarrier = 'header' | 'query' | 'form';

/** An error from an AWS service other than S3. */
export interface AwsError {
  readonly code: string;
  readonly message: string;
}

/**
 * Returns the error with which AWS services other than S3 reject a signature. The status is 400 in the AWS JSON
 * protocols and 403 in all others.
 *
 * @see https://docs.aws.amazon.com/awssupport/latest/APIReference/CommonErrors.html
 */
export function awsErrorOf(failure: SignatureFailure): AwsError {
  switch (failure.reason) {
    case 'missing':
      return { code: 'MissingAuthenticationTokenException', message: 'Missing Authentication Token' };
    case 'outdated-version':
      return { code: 'IncompleteSignatureException', message: 'Only AWS4-HMAC-SHA256 is supported.' };
    case 'malformed':
      return { code: 'IncompleteSignatureException', message: failure.detail };
    case 'invalid-target':
    case 'payload-hash-missing':
      return { code: 'IncompleteSignatureException', message: 'The request has no canonical form.' };
    case 'unknown-access-key':
    case 'invalid-session-token':
      return {
        code: 'UnrecognizedClientException',
        message: 'The security token included in the request is invalid.',
      };
    case 'wrong-scope':
      return { code: 'InvalidSignatureException', message: failure.detail };
    case 'headers-not-signed':
      return {
        code: 'InvalidSignatureException',
        message: `Headers that must be signed are not: ${failure.headers.join(', ')}`,
      };
    case 'skewed':
      return invalidTime(failure.signedAt, failure.now);
    case 'expired':
      return invalidTime(failure.expiredAt, failure.now);
    case 'not-yet-valid':
      return { code: 'InvalidSignatureException', message: 'Signature not yet current.' };
    case 'mismatch':
      return {
        code: 'InvalidSignatureException',
        message: 'The request signature we calculated does not match the signature you provided.',
      };
  }
}

const invalidTime = (limit: Date, now: Date): AwsError => ({
  code: 'InvalidSignatureException',
  message: `Signature expired: ${limit.toISOString()} is too far from ${now.toISOString()}`,
});
