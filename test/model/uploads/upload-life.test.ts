import { expect, test } from '@jest/globals';
import { formatOutcome, search } from '../search.ts';
import { runUploadSchedule } from './schedule.ts';

/*
 * Simulates the life of uploads under schedules that lose, repeat, delay, and reorder calls and messages, and kill
 * functions between calls. TVM_MODEL_SEED and TVM_MODEL_SCHEDULES select other schedules. upload-life.deep.test.ts
 * runs more of them.
 */
const FIRST_SEED = Number(process.env.TVM_MODEL_SEED ?? 1);
const SCHEDULES = Number(process.env.TVM_MODEL_SCHEDULES ?? 60);

test('every rule for the life of an upload holds at every step of every schedule', async () => {
  const { broken } = await search(FIRST_SEED, SCHEDULES, runUploadSchedule);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
});

test('two runs of an upload schedule with the same seed take the same steps', async () => {
  const [first, again] = [await runUploadSchedule(7), await runUploadSchedule(7)];
  expect(again.trace).toEqual(first.trace);
});
