import type { ApiRequest } from './request.ts';

/** The standard's header, and those of older browsers. */
const PURPOSE_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Whether a browser only guesses that a page will be wanted (Fetch standard, `Sec-Purpose`). */
export function isPrefetch(request: ApiRequest): boolean {
  return PURPOSE_HEADERS.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''));
}
