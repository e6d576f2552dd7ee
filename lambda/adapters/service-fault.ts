import { types } from 'node:util';
import { Unavailable } from '../domain/errors.ts';

/**
 * Calls a service. A transient failure (5xx, throttling, no response at all) becomes `Unavailable` after any retries by
 * the client (client-settings.ts). Any other error is rethrown: it means a defect or a missing permission.
 */
export async function callService<T>(port: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isPassing(error) ? new Unavailable(port, error) : error;
  }
}

/**
 * Returns the name of an error, or an empty string for anything that is not an error. The name of an SDK error is the
 * service's error code.
 */
export function errorName(error: unknown): string {
  return types.isNativeError(error) ? error.name : '';
}

/** SDK error. The properties are set only if a request was sent. */
interface RequestError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: object;
  /** Code that Node.js sets on connection errors. */
  readonly code?: string;
}

/** Returns whether the SDK sent a failed request more than once. An earlier attempt may have succeeded unnoticed. */
export function wasRepeated(error: unknown): boolean {
  return types.isNativeError(error) && ((error as RequestError).$metadata?.attempts ?? 1) > 1;
}

/** Matches names of transient errors with status 400 (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
const PASSING = /Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown|RequestTimeout/;

/** Returns whether a failed call may succeed if it is repeated. */
export function isPassing(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const { name, code, $metadata, $retryable }: RequestError = error;
  if ($metadata === undefined) return false;
  const { httpStatusCode: status } = $metadata;
  // If the connection breaks after the response headers, the error has a status.
  const unanswered = status === undefined || code === 'ECONNRESET';
  return unanswered || status >= 500 || status === 429 || $retryable !== undefined || PASSING.test(name);
}
