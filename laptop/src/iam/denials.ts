import type { Authorize, Denial } from '../access.ts';
import type { LogFile } from '../functions/log-file.ts';

/** Where denials are written down and said. */
export interface DenialJournal {
  /** Every one, with its time. */
  readonly log: Pick<LogFile, 'write'>;
  /** Each once: a poller that may not poll tries again and again. */
  say(line: string): void;
  readonly clock: () => Date;
}

/** Makes every denial known, as one line that names who may not do what. */
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
