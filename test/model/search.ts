import { type Outcome, runSchedule } from './schedule.ts';

/** The outcome of many schedules. */
export interface Findings {
  /** The first schedule that violated a rule. */
  readonly broken: Outcome | undefined;
  readonly schedules: number;
  /** The number of times that the schedules reached each outcome, in total. */
  readonly tally: ReadonlyMap<string, number>;
}

/** Runs schedules with consecutive seeds until one violates a rule. By default, they are schedules of links. */
export async function search(firstSeed: number, schedules: number, run = runSchedule): Promise<Findings> {
  const tally = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + schedules; seed += 1) {
    const outcome = await run(seed);
    for (const [what, times] of outcome.tally) tally.set(what, (tally.get(what) ?? 0) + times);
    if (outcome.violation !== undefined) return { broken: outcome, schedules: seed - firstSeed + 1, tally };
  }
  return { broken: undefined, schedules, tally };
}

/** Formats a schedule that violated a rule, for the engineer who has to fix it. */
export function formatOutcome({ name, again, violation, trace }: Outcome): string {
  return [
    `${name}: ${violation?.message ?? 'every rule held'}`,
    ...trace.map(({ at, what }) => `${at.toISOString()}  ${what}`),
    ...(again === undefined ? [] : [`run it again: ${again}`]),
  ].join('\n');
}
