import { isNativeError } from 'node:util/types';
import { CommandFailure } from './command-failure.ts';

const SIGN_IN =
  'Sign in as you do for the AWS CLI, for example with "aws sso login", or choose a profile with --profile or AWS_PROFILE. "aws configure list-profiles" lists your profiles.';
// Also shown for an unknown profile, because the SDK treats it like an empty one.
const REGION =
  'Set it with --region, with AWS_REGION, or in your profile. "aws configure list-profiles" lists your profiles.';

const NO_CREDENTIALS_NAMES: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);
const REFUSED_CREDENTIALS_NAMES: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'AuthFailure',
]);
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'Forbidden',
  'KmsAccessDenied',
]);
const NETWORK_CODES: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
]);

/**
 * Turns an AWS SDK or network error into a message for the operator.
 *
 * @returns `undefined` for any other error, which indicates a bug in the CLI
 */
export function failureOf(error: unknown): CommandFailure | undefined {
  if (!isNativeError(error)) return undefined;
  const { name, message } = error;
  const code = codeOf(error);
  if (NO_CREDENTIALS_NAMES.has(name)) return unreachable('No AWS credentials found.', SIGN_IN);
  if (REFUSED_CREDENTIALS_NAMES.has(name))
    return unreachable(`AWS rejected the credentials (${name}).`, SIGN_IN);
  if (message === 'Region is missing') return unreachable('No AWS region is set.', REGION);
  if (message.startsWith('Region not accepted'))
    return unreachable('The AWS region is empty or invalid.', REGION);
  if (FORBIDDEN_NAMES.has(name)) return denied(oneLine(message) || name);
  if (isDeniedHead(error)) return denied('HTTP status 403');
  if (name === 'TimeoutError' || code === 'ETIMEDOUT')
    return unreachable('A service did not respond in time.', AGAIN);
  if (code === 'ENOTFOUND')
    return unreachable('The host name of a service could not be found (ENOTFOUND).', NAMED);
  if (NETWORK_CODES.has(code)) return unreachable(`A service could not be reached (${code}).`, AGAIN);
  if ('$metadata' in error) return unreachable(`AWS responded with ${name}: ${oneLine(message)}`);
  return undefined;
}

/** Returns whether a call failed because of the network or a timeout. */
export function isNetworkError(error: Error): boolean {
  return error.name === 'TimeoutError' || NETWORK_CODES.has(codeOf(error));
}

/** Mentions the region, because it is part of every host name. */
const NAMED = 'Check the network and the region, then run the command again. Nothing is done twice.';
const AGAIN = 'Check the network, then run the command again. Nothing is done twice.';

const unreachable = (message: string, hint?: string) => new CommandFailure('unreachable', message, hint);

const denied = (reason: string) =>
  unreachable(
    `AWS denied the request: ${reason}`,
    'docs/commands.md#permissions lists the permissions that each command needs.',
  );

interface ResponseMetadata {
  readonly httpStatusCode?: number;
}

/** Returns whether S3 denied a HEAD request. The response has no body, so the SDK does not know the error code. */
function isDeniedHead({ name, $metadata }: Error & { readonly $metadata?: ResponseMetadata }): boolean {
  return name === 'Unknown' && $metadata?.httpStatusCode === 403;
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

/** Returns the code of a system error, or else of its cause or its first aggregated error. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return isNativeError(inner) ? codeOf(inner) : '';
}
