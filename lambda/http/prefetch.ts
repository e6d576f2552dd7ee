import type { ApiRequest } from './request.ts';

/** Lists the standard header and those of older browsers. */
const PURPOSE_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Tells whether a browser only guesses that a page will be wanted (Fetch standard, `Sec-Purpose`). */
export function isPrefetch(request: ApiRequest): boolean {
  return PURPOSE_HEADERS.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''));
}
