import type { AssetName } from '../domain/asset-name.ts';
import type { Refusal } from '../domain/errors.ts';
import type { LocalizedTheme } from '../views/localized-theme.ts';
import { type AgainView, problemPage } from '../views/problem-page.ts';
import { preference } from './accept.ts';
import type { Reply } from './api-handler.ts';
import { page, type Site } from './page.ts';
import { retryAfterOf, statusOf } from './problem.ts';
import type { ApiRequest } from './request.ts';
import { problem } from './response.ts';

/** Values that an error page needs for its next step. */
export interface NextStep {
  /** Token that was sent, for the page's buttons. */
  readonly token?: string;
  /** File name to prefill on the form. */
  readonly asset?: AssetName | undefined;
  /** Present while the link has a second chance. */
  readonly again?: AgainView | undefined;
}

/**
 * Creates a function that refuses requests: clients that prefer HTML get an error page with a next step, and all others
 * get a problem document.
 */
export function createRefusal(site: Site) {
  return (request: ApiRequest, refusal: Refusal, nextStep: NextStep = {}): Reply => {
    if (preference(request) !== 'page') return { response: problem(refusal), outcome: refusal.code };
    const retryAfter = retryAfterOf(refusal);
    const headers = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    const write = (theme: LocalizedTheme) =>
      problemPage({ origin: site.publicOrigin, refusal, ...nextStep }, theme);
    return { response: page(site, request, statusOf(refusal), write, headers), outcome: refusal.code };
  };
}
