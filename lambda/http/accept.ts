import Negotiator from 'negotiator';
import type { ApiRequest } from './request.ts';

/** Format that a caller prefers; `any` if the caller has no preference. */
export type Preference = 'page' | 'json' | 'any';

const PAGE_TYPES = new Set(['text/html', 'application/xhtml+xml', 'text/*']);
const JSON_TYPES = new Set(['application/json', 'application/problem+json', 'application/*']);

/**
 * Returns the format of the first type that we support, in the caller's order of preference (RFC 9110, section 12.5.1).
 */
export function preference(request: ApiRequest): Preference {
  const accept = request.header('accept');
  if (accept === undefined) return 'any';
  for (const type of new Negotiator({ headers: { accept } }).mediaTypes()) {
    if (PAGE_TYPES.has(type)) return 'page';
    if (JSON_TYPES.has(type)) return 'json';
    if (type === '*/*') return 'any';
  }
  return 'any';
}
