import type { CallerId, Tenant } from './ids.ts';
import type { Pseudonyms } from './ports.ts';

/** Identity of a request with an idempotency key. Retries of the request have the same identity. */
export interface Repetition {
  /** Hash of the caller and the idempotency key. */
  readonly name: string;
  /** Hash of the caller, the key, and the content of the request. */
  readonly digest: string;
}

/** Request with an idempotency key. */
interface NamedRequest {
  /** The caller, or the tenant that it acts for. */
  readonly caller: CallerId | Tenant;
  readonly key: string;
  /** Content of the request in canonical form. */
  readonly body: string;
}

/**
 * Computes the identity of a request with an idempotency key. The hashes are keyed, so the stored values reveal nothing
 * about the request even if its idempotency key can be guessed.
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
