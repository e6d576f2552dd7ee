import type { Reply } from './api-handler.ts';
import type { ApiRequest } from './request.ts';
import { empty } from './response.ts';

/*
 * Cross-origin resource sharing (Fetch standard, section 3.2), for the one route that a page of another site may call
 * by script. Whoever may read the answer learns no more than anyone who asks without a browser.
 */

/** How long a browser may remember what it was allowed, in seconds; the shortest ceiling that browsers have. */
const REMEMBERED_SECONDS = 7200;

/**
 * Lets pages of other sites read the answers to a route.
 *
 * @param allowedOrigins serialised origins such as `https://www.example.org`, compared exactly; with none, answers stay
 *   as they are
 * @returns what completes an answer: the caller's origin if it is on the list, and in any case that the answer
 *   depends on it
 */
export function createSharing(allowedOrigins: readonly string[]) {
  return (request: ApiRequest, reply: Reply): Reply => {
    if (allowedOrigins.length === 0) return reply;
    const origin = request.header('origin');
    const allowed = origin !== undefined && allowedOrigins.includes(origin);
    const headers = {
      ...reply.response.headers,
      Vary: `${reply.response.headers?.Vary ?? ''}, Origin`.replace(/^, /, ''),
      // No credentials are asked for or accepted: there are none that would mean anything here.
      ...(allowed && {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'Retry-After',
      }),
    };
    return { ...reply, response: { ...reply.response, headers } };
  };
}

/**
 * Answers the question that a browser asks before it lets a page send JSON: the origin's own request follows only if
 * the answer names it, which {@link createSharing} does.
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
