import type { Clock } from '../../lambda/domain/ports.ts';

/**
 * The purpose of an invocation. `look` is a GET of a link that a person must confirm. `redeem` asks for a URL,
 * `relay` does so through the reverse proxy, and `stream` asks for the bytes.
 */
export type Operation =
  | 'request'
  | 'issue'
  | 'deliver'
  | 'redeem'
  | 'relay'
  | 'stream'
  | 'look'
  | 'inspect'
  | 'revoke'
  | 'renew'
  | 'report';

/** The outcome of a call, as seen by the function that made the call. */
interface Heard {
  readonly label: string;
  /** The response, or the name of the error. */
  readonly response: unknown;
  /** The time on the function's own clock. */
  readonly at: Date;
}

interface HeldFile {
  letGo: boolean;
}

/** One invocation of a function. It runs the real domain code, and every port call is a step in the schedule. */
export interface Invoked {
  readonly name: string;
  /** The function's clock, which can be slightly wrong. */
  readonly clock: Clock;
  readonly startedAt: Date;
  /** The labels of the function's failed calls. */
  readonly faults: string[];
  /** The outcomes of the function's calls, in the order in which it learned them. */
  readonly heard: Heard[];
  /** What the caller has been told, if anything: the name of a success or the code of a refusal. */
  told?: string;
  state: 'running' | 'killed' | 'finished';
}

/** An invocation of a function that handles links. */
export interface Actor extends Invoked {
  readonly operation: Operation;
  readonly source: string;
  /** The idempotency key of an `issue`, if the caller gave one. */
  readonly requestName?: string | undefined;
  /** The second-chance secret that the caller sent, from an earlier response or made up. */
  readonly secret?: string | undefined;
  /** The presence code that the caller sent. */
  readonly code?: string | undefined;
  /** Whether the caller's attempt with a code was ever counted. */
  counted: boolean;
  /** The presigned URLs that the function received. */
  readonly urls: string[];
  readonly files: HeldFile[];
  noticesAskedFor: number;
}
