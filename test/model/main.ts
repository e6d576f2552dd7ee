import { searchInterleavings } from './interleavings.ts';
import { search, tell } from './search.ts';
import type { Rule } from './violation.ts';

/** What a run of the model by itself says on its output, as JSON. */
export interface Finding {
  /** How many schedules it ran. */
  readonly schedules: number;
  /** The rule that did not hold in the last of them. */
  readonly rule: Rule | null;
  /** That schedule, step by step. */
  readonly story: string;
}

/*
 * Runs the model on the sources beside it: `node test/model/main.ts FIRST_SEED SCHEDULES`, or every interleaving of the
 * smallest scenarios: `node test/model/main.ts interleavings`.
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
