import type { ApiRequest } from './request.ts';

/** Headers that mark a prefetch: the standard one, and those that older browsers send. */
const PURPOSE_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Returns whether the browser is fetching the page speculatively (Fetch standard, `Sec-Purpose`). */
export function isPrefetch(request: ApiRequest): boolean {
  return PURPOSE_HEADERS.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''));
}
