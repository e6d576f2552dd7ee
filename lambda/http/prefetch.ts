import type { ApiRequest } from './request.ts';

/** The standard header, and those of older browsers. */
const PURPOSE_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/** Returns whether a browser fetches a page speculatively (Fetch standard, `Sec-Purpose`). */
export function isPrefetch(request: ApiRequest): boolean {
  return PURPOSE_HEADERS.some((name) => /prefetch|prerender|preview/i.test(request.header(name) ?? ''));
}
