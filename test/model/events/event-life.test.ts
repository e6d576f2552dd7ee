import { expect, test } from '@jest/globals';
import { formatOutcome, search } from '../search.ts';
import { runEventSchedule } from './schedule.ts';

/*
 * Sends events from the streams to the bus under schedules that kill the function between any two calls, lose calls and
 * responses, and let the bus refuse entries. TVM_MODEL_SEED and TVM_MODEL_SCHEDULES select other schedules.
 */
const FIRST_SEED = Number(process.env.TVM_MODEL_SEED ?? 1);
const SCHEDULES = Number(process.env.TVM_MODEL_SCHEDULES ?? 300);

/** Outcomes that the schedules must reach. Schedules prove nothing about an outcome that they never reach. */
const REACHED = [
  'request-lost',
  'response-lost',
  'killed',
  'entry refused',
  'published more than once',
  'at the end redeemed',
  'at the end revoked',
  'at the end expired',
];

test('no schedule loses an event, publishes a false one, or publishes one fact as two events', async () => {
  const { broken, tally } = await search(FIRST_SEED, SCHEDULES, runEventSchedule);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
  if (SCHEDULES > 100) expect(REACHED.filter((what) => (tally.get(what) ?? 0) < 20)).toEqual([]);
});

test('two runs of an event schedule with the same seed take the same steps', async () => {
  const [first, again] = [await runEventSchedule(7), await runEventSchedule(7)];
  expect(again.trace).toEqual(first.trace);
});
