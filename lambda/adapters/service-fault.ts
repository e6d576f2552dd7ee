import { types } from 'node:util';
import { Unavailable } from '../domain/errors.ts';

/**
 * Calls a service; what passes by itself (5xx, throttling, no answer at all) becomes `Unavailable`, after the SDK's
 * own bounded retries. Everything else is rethrown as it is: a defect or a missing right.
 */
export async function callService<T>(port: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw isPassing(error) ? new Unavailable(port, error) : error;
  }
}

/** The name of an SDK error, which is its code; empty for anything else. */
export function errorName(error: unknown): string {
  return types.isNativeError(error) ? error.name : '';
}

/** What the SDK notes on the errors of a request that it sent. */
interface RequestError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $retryable?: object;
}

/** Whether the SDK sent a request more than once before it failed: an earlier try may have done its work unheard. */
export function wasRepeated(error: unknown): boolean {
  return types.isNativeError(error) && ((error as RequestError).$metadata?.attempts ?? 1) > 1;
}

/** Matches transient errors with status 400 (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
const PASSING = /Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown|RequestTimeout/;

function isPassing(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const { name, $metadata, $retryable }: RequestError = error;
  if ($metadata === undefined) return false;
  const { httpStatusCode: status } = $metadata;
  const unanswered = status === undefined;
  return unanswered || status >= 500 || status === 429 || $retryable !== undefined || PASSING.test(name);
}
