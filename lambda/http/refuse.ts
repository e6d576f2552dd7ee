import type { AssetName } from '../domain/asset-name.ts';
import type { Refusal } from '../domain/errors.ts';
import type { LocalizedTheme } from '../views/localized-theme.ts';
import { problemPage } from '../views/problem-page.ts';
import { preference } from './accept.ts';
import type { Refuse, Reply } from './api-handler.ts';
import { page, type Site } from './page.ts';
import { retryAfterOf, statusOf } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { problem } from './response.ts';

/** Refuses programs only: always a problem document. */
export const refuseProgram: Refuse = (_request, refusal) => ({
  response: problem(refusal),
  outcome: refusal.code,
});

/** What the way onward from a refusal may carry. */
export interface Onward {
  /** What the page's buttons carry; given for genuine tokens only. */
  readonly token?: string;
  /** The file that the form is to be shown for again. */
  readonly asset?: AssetName | undefined;
}

/** Refuses people and programs: a page with a way onward for who prefers HTML, else a problem document. */
export function createRefusal(site: Site) {
  return (request: ApiRequest, refusal: Refusal, onward: Onward = {}): Reply => {
    if (preference(request) !== 'page') return { response: problem(refusal), outcome: refusal.code };
    const retryAfter = retryAfterOf(refusal);
    const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    const write = (theme: LocalizedTheme) =>
      problemPage({ origin: site.publicOrigin, refusal, ...onward }, theme);
    return { response: page(site, request, statusOf(refusal), write, headers), outcome: refusal.code };
  };
}
