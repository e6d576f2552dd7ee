import type { Refusal } from '../domain/errors.ts';
import { problemPage } from '../views/problem-page.ts';
import { preference } from './accept.ts';
import type { Refuse, Reply } from './api-handler.ts';
import { retryAfterOf, statusOf } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { page, problem } from './response.ts';

/** Where pages post to, and where a form may end. */
export interface PageOrigins {
  readonly publicOrigin: string;
  readonly filesOrigin: string;
}

/** Refuses programs only: always a problem document. */
export const refuseProgram: Refuse = (_request, refusal) => ({
  response: problem(refusal),
  outcome: refusal.code,
});

/**
 * Refuses people and programs: a page with a way onward for who prefers HTML, else a problem document.
 *
 * @param token what the page's buttons carry; given for genuine tokens only
 */
export function createRefusal({ publicOrigin, filesOrigin }: PageOrigins) {
  return (request: ApiRequest, refusal: Refusal, token?: string): Reply => {
    if (preference(request) !== 'page') return { response: problem(refusal), outcome: refusal.code };
    const retryAfter = retryAfterOf(refusal);
    const body = problemPage({ origin: publicOrigin, refusal, ...(token !== undefined && { token }) });
    const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    return { response: page(statusOf(refusal), body, filesOrigin, headers), outcome: refusal.code };
  };
}
