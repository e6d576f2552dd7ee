import type { Reply } from './api-handler.ts';
import type { ApiRequest } from './request.ts';
import { empty } from './response.ts';

/*
 * Pages on sites that the operator lists are allowed to send `POST /token` and to read the response (Fetch standard,
 * section 3.2). They are not allowed to send any other counted request. Such a page learns no more than anyone who
 * sends the request without a browser.
 */

/**
 * Returns whether the request comes from a page on another site whose origin is not on the list.
 *
 * Browsers report this in `Sec-Fetch-Site`, which pages cannot set. Programs do not send this header, nor do browsers
 * before Chrome 76, Firefox 90, and Safari 16.4. `same-site` is refused as well: if a browser's public suffix list does
 * not include our AWS region, all APIs in that region count as one site. `Origin` alone is not sufficient: our own
 * forms send `null`, because our pages send no referrer, and any page can send `null`.
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

/** Time for which browsers may cache a preflight response, in seconds: the most that Chromium allows. */
const REMEMBERED_SECONDS = 7200;

/**
 * Creates a function that lets pages on other sites read a route's responses.
 *
 * @param allowedOrigins origins such as `https://www.example.org`, compared exactly; without any, responses do not
 *   change
 * @returns a function that adds `Vary: Origin` to a response, and allows the caller's origin if it is on the list
 */
export function createSharing(allowedOrigins: readonly string[]) {
  return (request: ApiRequest, reply: Reply): Reply => {
    if (allowedOrigins.length === 0) return reply;
    const origin = allowedOriginOf(request, allowedOrigins);
    const headers = {
      ...reply.response.headers,
      Vary: `${reply.response.headers?.Vary ?? ''}, Origin`.replace(/^, /, ''),
      // Credentials are not allowed, because these routes use none.
      ...(origin !== undefined && {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'Retry-After',
      }),
    };
    return { ...reply, response: { ...reply.response, headers } };
  };
}

/**
 * Responds to a browser's preflight request. The browser sends the actual request only if the response names the page's
 * origin, which {@link createSharing} adds.
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
