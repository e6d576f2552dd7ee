/** How it shows, in the SDK, that it found nobody to call AWS as; single sign-on that has run out is one such case. */
const NOBODY: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** What AWS answers to credentials that it does not take, by services. */
const STRANGER: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'UnrecognizedClientException',
]);

/** How it shows that an address leads nowhere. */
const UNREACHED: ReadonlySet<unknown> = new Set(['EAI_AGAIN', 'ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT']);

/** One sentence on why nobody could look, and what to do about it. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  if (/^Region (is missing|not accepted)/.test(message))
    return 'No region is set: give one with --region, or set AWS_REGION or the region of an AWS profile.';
  if (NOBODY.has(name))
    return `There are no AWS credentials: set AWS_PROFILE, or sign in with "aws sso login" or "aws configure" (${message}).`;
  if (STRANGER.has(name))
    return `AWS does not take these credentials, which may have run out: sign in again, or set another AWS_PROFILE (${message}).`;
  if (name.startsWith('AccessDenied'))
    return `These credentials may not look: they need tag:GetResources and kms:DescribeKey (${message}).`;
  if ('code' in error && UNREACHED.has(error.code))
    return `AWS does not answer: is there a connection, and is the region right (${message})?`;
  return message;
}
