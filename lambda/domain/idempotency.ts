import type { CallerId } from './ids.ts';
import type { Pseudonyms } from './ports.ts';

/** Says that requests of one name are one request, however often it comes. */
export interface Repetition {
  /** Of caller and key. */
  readonly name: string;
  /** Of what is asked for. */
  readonly digest: string;
}

/** A request as its caller names it. */
interface NamedRequest {
  readonly caller: CallerId;
  /** The name that the caller made up. */
  readonly key: string;
  /** What is asked for, in one canonical spelling. */
  readonly body: string;
}

/**
 * What makes two requests one. Keyed hashes: what is kept of a request tells nothing of it, also where a caller's keys
 * can be guessed.
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
