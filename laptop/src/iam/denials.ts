import type { Authorize, Denial } from '../access.ts';
import type { LogFile } from '../functions/log-file.ts';

/** Where denials are reported. */
export interface DenialJournal {
  /** Receives each denial, with its time. */
  readonly log: Pick<LogFile, 'write'>;
  /** Receives each distinct denial once, because a poller without permission retries forever. */
  say(line: string): void;
  readonly clock: () => Date;
}

/** Wraps an authorizer to report each denial in a line with the caller, action, resource, and reason. */
export function recordDenials(authorize: Authorize, { log, say, clock }: DenialJournal): Authorize {
  const reported = new Set<string>();
  return async (request) => {
    const decision = await authorize(request);
    if (!decision.allowed) {
      const line = lineOf(decision);
      log.write(`${clock().toISOString()} ${line}\n`);
      if (!reported.has(line)) {
        reported.add(line);
        say(line);
      }
    }
    return decision;
  };
}

const lineOf = ({ name, action, resource, reason }: Denial): string =>
  `AccessDenied: ${name} cannot call ${action} on ${resource}, ${reason}`;
