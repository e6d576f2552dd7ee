import { expect, test } from '@jest/globals';
import { runSchedule } from './schedule.ts';
import { search, tell } from './search.ts';

/*
 * The life of tokens under schedules that lose, double, delay and reorder calls, and kill functions between any two.
 * TVM_MODEL_SEED and TVM_MODEL_SCHEDULES choose other schedules than these.
 */
const FIRST_SEED = Number(process.env.TVM_MODEL_SEED ?? 1);
const SCHEDULES = Number(process.env.TVM_MODEL_SCHEDULES ?? 400);
const USUAL = process.env.TVM_MODEL_SEED === undefined && process.env.TVM_MODEL_SCHEDULES === undefined;

/** What schedules are for. One that is never reached proves nothing. */
const REACHED = [
  'redeemed',
  'redeemed after a lost answer',
  'streamed',
  'streamed after a lost answer',
  'delivered',
  'aborted',
  'killed after the receipt',
  'lost the race',
  'token_redeemed',
  'token_revoked',
  'token_expired',
  'confirm_first',
  'asset_missing',
  'asset_changed',
  'not_allowed_from_here',
  'wrong_delivery',
  'issued by name',
  'idempotency_key_reused',
  'notified',
  'mailed in another month',
  'mailed more than once',
  'nothing-to-do',
  'redriven',
  'renewed',
  'removed from tokens',
  'removed from receipts',
  'a record came back',
  'request-lost',
  'answer-lost',
  'doubled',
  'late',
  'echoed',
  'arrives late',
  'killed',
  'at the end live',
  'at the end redeemed',
  'at the end revoked',
  'at the end expired',
];

test('every rule of the life of a token holds at every step of every schedule', async () => {
  const { broken, tally } = await search(FIRST_SEED, SCHEDULES);
  if (broken !== undefined) throw new Error(tell(broken));
  const missed = USUAL ? REACHED.filter((what) => (tally.get(what) ?? 0) < 4) : [];
  expect(missed).toEqual([]);
});

test('a schedule is a function of its seed', async () => {
  const [first, again, other] = [await runSchedule(7), await runSchedule(7), await runSchedule(8)];
  expect(again.trace).toEqual(first.trace);
  expect(other.trace).not.toEqual(first.trace);
});
