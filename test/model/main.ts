import { search, tell } from './search.ts';

/*
 * Runs the model by itself, on the sources beside it: `node test/model/main.ts FIRST_SEED SCHEDULES`. Says on its
 * output, as JSON, which rule did not hold and in which schedule.
 */
const [firstSeed = 1, schedules = 2000] = process.argv.slice(2).map(Number);
const { broken, schedules: ran } = await search(firstSeed, schedules);
process.stdout.write(
  JSON.stringify({
    schedules: ran,
    rule: broken?.violation?.rule ?? null,
    story: broken ? tell(broken) : '',
  }),
);
