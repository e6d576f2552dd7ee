import { type EpochSeconds, type KeyEpoch, secondsAfter } from './ids.ts';

/** Sets for how many months a key is accepted after its own: longer than the longest link lives (400 days). */
const ACCEPTED_PAST_MONTHS = 26;

/** Sets how many seconds another machine's clock may run ahead. */
const CLOCK_SKEW_SECONDS = 300;

/** Returns the UTC month of a second, counted from 2000-01. */
export function keyEpochOf(seconds: EpochSeconds): KeyEpoch {
  const date = new Date(seconds * 1000);
  return ((date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth()) as KeyEpoch;
}

/**
 * Tells whether a token may name this key now. This is decided before any key is derived, so a forger causes no KMS
 * call.
 */
export function isAcceptedKeyEpoch(epoch: KeyEpoch, now: EpochSeconds): boolean {
  const newest = keyEpochOf(secondsAfter(now, CLOCK_SKEW_SECONDS));
  return epoch <= newest && epoch >= newest - ACCEPTED_PAST_MONTHS;
}
