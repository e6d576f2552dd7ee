import type { CallerId, Tenant } from './ids.ts';
import type { Pseudonyms } from './ports.ts';

/** Identifies requests that are repetitions of each other. */
export interface Repetition {
  /** Hashes the caller and the idempotency key. */
  readonly name: string;
  /** Hashes the content of the request. */
  readonly digest: string;
}

/** Represents a request with the caller's idempotency key. */
interface NamedRequest {
  /** The caller, or the tenant that it acts for. */
  readonly caller: CallerId | Tenant;
  /** The key that the caller chose. */
  readonly key: string;
  /** The content of the request, in one canonical spelling. */
  readonly body: string;
}

/**
 * Computes the identity of a named request. The hashes are keyed, so the stored values reveal nothing about the request
 * even if a caller's keys can be guessed.
 */
export async function nameRequest(
  pseudonyms: Pseudonyms,
  { caller, key, body }: NamedRequest,
): Promise<Repetition> {
  return {
    name: await pseudonyms.of('request', JSON.stringify([caller, key])),
    digest: await pseudonyms.of('request', JSON.stringify([caller, key, body])),
  };
}
