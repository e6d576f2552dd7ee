import { runEventSchedule } from './events/schedule.ts';
import { searchInterleavings, searchUploadInterleavings } from './interleavings.ts';
import { formatOutcome, search } from './search.ts';
import { runUploadSchedule } from './uploads/schedule.ts';
import type { Rule } from './violation.ts';

/** The maximum number of schedules that a search runs to find a seeded bug. */
const SCHEDULES = 2000;

/** The outcome of a standalone run of the model, printed as JSON. */
export interface Finding {
  readonly schedules: number;
  /** The rule that the last schedule violated, if any. */
  readonly rule: Rule | null;
  /** The last schedule, step by step, if it violated a rule. Otherwise empty. */
  readonly story: string;
}

const SEARCHES: Readonly<Record<string, () => ReturnType<typeof searchInterleavings>>> = {
  interleavings: searchInterleavings,
  'upload-interleavings': searchUploadInterleavings,
  uploads: () => search(1, SCHEDULES, runUploadSchedule),
  events: () => search(1, SCHEDULES, runEventSchedule),
  links: () => search(1, SCHEDULES),
};

/*
 * Runs one search: `npx node test/model/main.ts SEARCH`. A search runs 2,000 schedules of links, uploads, or events, or
 * every interleaving of the smallest scenarios, until one violates a rule. mutants.deep.test.ts runs this program in a
 * copy of the sources with a seeded bug.
 */
const run = SEARCHES[process.argv[2] ?? 'links'];
if (run === undefined)
  throw new RangeError(`Unknown search. Use one of: ${Object.keys(SEARCHES).join(', ')}`);
const { broken, schedules } = await run();
const finding: Finding = {
  schedules,
  rule: broken?.violation?.rule ?? null,
  story: broken ? formatOutcome(broken) : '',
};
process.stdout.write(JSON.stringify(finding));
