import { Unavailable } from '../domain/errors.ts';

const NETWORK_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/**
 * Calls a service; what passes by itself (5xx, throttling, a timeout, a broken connection) becomes `Unavailable`,
 * after the SDK's own bounded retries. Everything else is rethrown as it is: a defect or a missing right.
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
  return error instanceof Error ? error.name : '';
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, code, $metadata, $retryable } = error as Error & {
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly $retryable?: object;
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    status >= 500 ||
    status === 429 ||
    $retryable !== undefined ||
    name === 'TimeoutError' ||
    /Throttl|TooManyRequests|LimitExceeded|ProvisionedThroughputExceeded|SlowDown/.test(name) ||
    (typeof code === 'string' && NETWORK_ERRORS.has(code))
  );
}
