import { expect, test } from '@jest/globals';
import { runSchedule } from './schedule.ts';
import { formatOutcome, search } from './search.ts';

/*
 * Simulates the life of tokens under schedules that lose, repeat, delay, and reorder calls, and kill functions between
 * calls. TVM_MODEL_SEED and TVM_MODEL_SCHEDULES select other schedules. token-life.deep.test.ts runs more of them.
 */
const FIRST_SEED = Number(process.env.TVM_MODEL_SEED ?? 1);
const SCHEDULES = Number(process.env.TVM_MODEL_SCHEDULES ?? 150);

test('every rule for the life of a token holds at every step of every schedule', async () => {
  const { broken } = await search(FIRST_SEED, SCHEDULES);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
});

test('two runs of a schedule with the same seed take the same steps', async () => {
  const [first, again, other] = [await runSchedule(7), await runSchedule(7), await runSchedule(8)];
  expect(again.trace).toEqual(first.trace);
  expect(other.trace).not.toEqual(first.trace);
});
