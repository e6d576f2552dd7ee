import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Refusal } from '../domain/errors.ts';
import { problemOf, retryAfterOf, statusOf } from './problem.ts';

/** Headers of every response, because any response could contain a token or a URL. */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  Vary: 'Accept',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

/** Returns a response with the security headers. Each of `headers` replaces a security header of the same name. */
export function response(
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): APIGatewayProxyResult {
  return { statusCode, headers: { ...SECURITY_HEADERS, ...headers }, body };
}

/** Returns a response with a JSON document. Dates become RFC 3339, and members that are undefined are left out. */
export function json(statusCode: number, body: object): APIGatewayProxyResult {
  return response(statusCode, { 'Content-Type': 'application/json' }, JSON.stringify(body));
}

/**
 * Returns the response to a refused request: a problem document (RFC 9457).
 *
 * @param status overrides the usual status, for routes where the refusal means something else
 */
export function problem(refusal: Refusal, status = statusOf(refusal)): APIGatewayProxyResult {
  const retryAfter = retryAfterOf(refusal);
  return response(
    status,
    {
      'Content-Type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
      // Required with every 401 (RFC 9110, section 11.6.1). API Gateway renames it to `x-amzn-Remapped-WWW-Authenticate`.
      ...(refusal.code === 'not_authenticated' && { 'WWW-Authenticate': 'Bearer' }),
    },
    JSON.stringify(problemOf(refusal, status)),
  );
}

/** Redirects the client, which then sends a GET (RFC 9110, section 15.4.3). */
export function redirect(location: string): APIGatewayProxyResult {
  return response(302, { Location: location }, '');
}

/**
 * Redirects the client, which then repeats the request with its body (RFC 9110, section 15.4.8). Use it only before the
 * request has changed anything.
 */
export function temporaryRedirect(location: string): APIGatewayProxyResult {
  return response(307, { Location: location }, '');
}

/** Returns a successful response without a body. */
export function empty(statusCode: 200 | 204): APIGatewayProxyResult {
  return response(statusCode, {}, '');
}
