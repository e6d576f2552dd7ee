import type { Clock } from '../../lambda/domain/ports.ts';

/**
 * What a function was invoked for. `look` is a GET of a link that a person must confirm; `redeem` and `stream` ask for
 * a URL and for the bytes themselves.
 */
export type Operation =
  | 'request'
  | 'issue'
  | 'deliver'
  | 'redeem'
  | 'stream'
  | 'look'
  | 'inspect'
  | 'revoke'
  | 'renew'
  | 'report';

/** What a call came to, as the function that made it sees it. */
interface Heard {
  readonly label: string;
  /** The answer, or the name of the error. */
  readonly answer: unknown;
  /** When, by its own clock. */
  readonly at: Date;
}

/** A file that a function opened. */
interface HeldFile {
  letGo: boolean;
}

/** One invocation of a function: the domain's own code, whose every call of a port is a step of the schedule. */
export interface Actor {
  readonly name: string;
  readonly operation: Operation;
  /** Its machine's clock, which may be off by a little. */
  readonly clock: Clock;
  readonly startedAt: Date;
  /** Where its caller calls from. */
  readonly source: string;
  /** The name of the request that it repeats, for an `issue` whose caller gave one. */
  readonly requestName?: string | undefined;
  /** The calls that failed on it, by their labels. */
  readonly faults: string[];
  /** What its calls came to, in the order in which it heard of them. */
  readonly heard: Heard[];
  /** The URLs it had signed. */
  readonly urls: string[];
  /** The files it opened. */
  readonly files: HeldFile[];
  /** For how many notices it asked. */
  noticesAskedFor: number;
  /** What its caller was told: a success by its name, a refusal by its code; nothing when it failed or was killed. */
  told?: string;
  state: 'running' | 'killed' | 'finished';
}
