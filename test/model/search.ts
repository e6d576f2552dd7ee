import { type Outcome, runSchedule } from './schedule.ts';

/** What many schedules came to. */
export interface Findings {
  /** The first schedule in which a rule did not hold. */
  readonly broken: Outcome | undefined;
  readonly schedules: number;
  /** How often all of them together reached what schedules are meant to reach. */
  readonly tally: ReadonlyMap<string, number>;
}

/** Runs schedules of consecutive seeds, up to the first in which a rule does not hold. */
export async function search(firstSeed: number, schedules: number): Promise<Findings> {
  const tally = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    const outcome = await runSchedule(seed);
    for (const [what, times] of outcome.tally) tally.set(what, (tally.get(what) ?? 0) + times);
    if (outcome.violation !== undefined) return { broken: outcome, schedules: seed - firstSeed + 1, tally };
  }
  return { broken: undefined, schedules, tally };
}

/** A schedule in which a rule did not hold, told to whoever has to mend it. */
export function tell({ name, again, violation, trace }: Outcome): string {
  return [
    `${name}: ${violation?.message ?? 'every rule held'}`,
    ...trace.map(({ at, what }) => `${at.toISOString()}  ${what}`),
    ...(again === undefined ? [] : [`run it again: ${again}`]),
  ].join('\n');
}
