import { type EpochSeconds, type KeyEpoch, secondsAfter } from './ids.ts';

/** How many months a key is accepted after its own: longer than the longest link (400 days) lives. */
const ACCEPTED_PAST_MONTHS = 26;

/** How far another machine's clock may run ahead, in seconds. */
const CLOCK_SKEW_SECONDS = 300;

/** The UTC month of a second, counted from 2000-01. */
export function keyEpochOf(seconds: EpochSeconds): KeyEpoch {
  const date = new Date(seconds * 1000);
  return ((date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth()) as KeyEpoch;
}

/** Whether a token may name this key now. Decided before any key is derived, so that a forger costs no KMS call. */
export function isAcceptedKeyEpoch(epoch: KeyEpoch, now: EpochSeconds): boolean {
  const newest = keyEpochOf(secondsAfter(now, CLOCK_SKEW_SECONDS));
  return epoch <= newest && epoch >= newest - ACCEPTED_PAST_MONTHS;
}
