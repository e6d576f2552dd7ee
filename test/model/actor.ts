import type { Clock } from '../../lambda/domain/ports.ts';

/** What a function was invoked for. `look` is a GET of a link that a person must confirm. */
export type Operation =
  | 'request'
  | 'issue'
  | 'deliver'
  | 'redeem'
  | 'look'
  | 'inspect'
  | 'revoke'
  | 'renew'
  | 'report';

/** One invocation of a function: the domain's own code, whose every call of a port is a step of the schedule. */
export interface Actor {
  readonly name: string;
  readonly operation: Operation;
  /** Its machine's clock, which may be off by a little. */
  readonly clock: Clock;
  readonly startedAt: Date;
  /** The calls that failed on it, by their labels. */
  readonly faults: string[];
  /** The URLs it had signed. */
  readonly urls: string[];
  state: 'running' | 'killed' | 'finished';
}
