import type { Authorize, Denial } from '../access.ts';
import type { LogFile } from '../functions/log-file.ts';

/** Where denials are reported. */
export interface DenialJournal {
  /** Gets each denial, with its time. */
  readonly log: Pick<LogFile, 'write'>;
  /** Gets each denial once, because a poller without rights retries forever. */
  say(line: string): void;
  readonly clock: () => Date;
}

/** Reports each denial in a line that says who is denied what. */
export function recordDenials(authorize: Authorize, { log, say, clock }: DenialJournal): Authorize {
  const said = new Set<string>();
  return async (request) => {
    const decision = await authorize(request);
    if (!decision.allowed) {
      const line = lineOf(decision);
      log.write(`${clock().toISOString()} ${line}\n`);
      if (!said.has(line)) {
        said.add(line);
        say(line);
      }
    }
    return decision;
  };
}

const lineOf = ({ name, action, resource, reason }: Denial): string =>
  `AccessDenied: ${name} may not ${action} on ${resource}, ${reason}`;
