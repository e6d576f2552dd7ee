import { expect, test } from '@jest/globals';
import { formatOutcome, search } from './search.ts';

/* Runs the schedules of token-life.test.ts, and enough others to reach every outcome below. */

/** Outcomes that the schedules must reach. Schedules prove nothing about an outcome that they never reach. */
const REACHED = [
  'redeemed',
  'redeemed after a lost response',
  'streamed',
  'streamed after a lost response',
  'delivered',
  'aborted',
  'killed after the receipt',
  'handed out again',
  'streamed again',
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
  'response-lost',
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

test('every rule for the life of a token holds in 2,000 schedules, and they reach every expected outcome', async () => {
  const { broken, tally } = await search(1, 2000);
  if (broken !== undefined) throw new Error(formatOutcome(broken));
  expect(REACHED.filter((what) => (tally.get(what) ?? 0) < 20)).toEqual([]);
});
