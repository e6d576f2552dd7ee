import type { Reply } from './api-handler.ts';
import type { ApiRequest } from './request.ts';
import { empty } from './response.ts';

/*
 * If the operator lists another site, its pages may send `POST /token` and read the answer (Fetch standard, section
 * 3.2). They may send no other request that is counted. Such a page learns no more than anyone who asks without a
 * browser.
 */

/**
 * Tells whether a page of another site, which is not on the list, made its visitor's browser send this request.
 *
 * Browsers say so in a header that no page can set. Programs send none, and neither do browsers before Chrome 76,
 * Firefox 90 and Safari 16.4. `same-site` is refused too: in a region that a browser's public suffix list does not
 * know, anybody's API is on our site. `Origin` alone would not be enough: our own forms send `null`, because our pages
 * send no referrer, and any page can send the same.
 *
 * @see https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header, which asks servers to ignore unknown values
 */
export function isCrossSite(request: ApiRequest, allowedOrigins: readonly string[]): boolean {
  const site = request.header('sec-fetch-site');
  const fromElsewhere = site === 'cross-site' || site === 'same-site';
  return fromElsewhere && allowedOriginOf(request, allowedOrigins) === undefined;
}

/** Returns the origin of the page that sent the request, if it is on the list. */
function allowedOriginOf(request: ApiRequest, allowedOrigins: readonly string[]): string | undefined {
  return allowedOrigins.find((allowed) => allowed === request.header('origin'));
}

/** Limits how long a browser may cache a permission, in seconds: the shortest ceiling that browsers have. */
const REMEMBERED_SECONDS = 7200;

/**
 * Creates what lets pages of other sites read the answers to a route.
 *
 * @param allowedOrigins serialized origins such as `https://www.example.org`, compared exactly; with none, answers do
 *   not change
 * @returns a function that completes an answer with the caller's origin if it is on the list, and in any case with a
 *   note that the answer depends on it
 */
export function createSharing(allowedOrigins: readonly string[]) {
  return (request: ApiRequest, reply: Reply): Reply => {
    if (allowedOrigins.length === 0) return reply;
    const origin = allowedOriginOf(request, allowedOrigins);
    const headers = {
      ...reply.response.headers,
      Vary: `${reply.response.headers?.Vary ?? ''}, Origin`.replace(/^, /, ''),
      // No credentials are requested or accepted: none would mean anything here.
      ...(origin !== undefined && {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'Retry-After',
      }),
    };
    return { ...reply, response: { ...reply.response, headers } };
  };
}

/**
 * Answers a browser's preflight request. The real request follows only if the answer names its origin, which {@link
 * createSharing} takes care of.
 */
export async function answerPreflight(): Promise<Reply> {
  const response = empty(204);
  return {
    outcome: 'preflight',
    response: {
      ...response,
      headers: {
        ...response.headers,
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'Content-Type',
        'Access-Control-Max-Age': String(REMEMBERED_SECONDS),
      },
    },
  };
}
