import { searchInterleavings } from './interleavings.ts';
import { search, tell } from './search.ts';
import type { Rule } from './violation.ts';

/** The outcome of a standalone run of the model, printed as JSON. */
export interface Finding {
  /** The number of schedules that it ran. */
  readonly schedules: number;
  /** The rule that the last schedule violated, if any. */
  readonly rule: Rule | null;
  /** The steps of that schedule. */
  readonly story: string;
}

/*
 * Runs the model on the sources beside it: `npx node test/model/main.ts FIRST_SEED SCHEDULES`, or every interleaving of
 * the smallest scenarios: `npx node test/model/main.ts interleavings`.
 */
const [first = '1', most = '2000'] = process.argv.slice(2);
const { broken, schedules } =
  first === 'interleavings' ? await searchInterleavings() : await search(Number(first), Number(most));
const finding: Finding = {
  schedules,
  rule: broken?.violation?.rule ?? null,
  story: broken ? tell(broken) : '',
};
process.stdout.write(JSON.stringify(finding));
