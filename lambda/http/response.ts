import type { APIGatewayProxyResult } from 'aws-lambda';
import type { Refusal } from '../domain/errors.ts';
import { problemOf, retryAfterOf, statusOf } from './problem.ts';

/** What every answer carries: any of them could hold a token or a URL. */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=63072000; includeSubDomains',
  Vary: 'Accept',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow',
} as const;

/** Any answer, with what every answer carries; of two headers of one name, that given here counts. */
export function answer(
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): APIGatewayProxyResult {
  return { statusCode, headers: { ...SECURITY_HEADERS, ...headers }, body };
}

/** A JSON document. */
export function json(statusCode: number, body: object): APIGatewayProxyResult {
  return answer(statusCode, { 'Content-Type': 'application/json' }, JSON.stringify(body));
}

/**
 * A problem document (RFC 9457).
 *
 * @param status another one than the table's, where the same refusal means something else on a route
 */
export function problem(refusal: Refusal, status = statusOf(refusal)): APIGatewayProxyResult {
  const retryAfter = retryAfterOf(refusal);
  return answer(
    status,
    {
      'Content-Type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'Retry-After': String(retryAfter) }),
    },
    JSON.stringify(problemOf(refusal, status)),
  );
}

/** Sends the caller on, with GET (RFC 9110, section 15.4.3). */
export function redirect(location: string): APIGatewayProxyResult {
  return answer(302, { Location: location }, '');
}

/** Sends the caller on with the same request, body included; nothing was done here (RFC 9110, section 15.4.8). */
export function elsewhere(location: string): APIGatewayProxyResult {
  return answer(307, { Location: location }, '');
}

/** Success with nothing to say. */
export function empty(statusCode: 200 | 204): APIGatewayProxyResult {
  return answer(statusCode, {}, '');
}
