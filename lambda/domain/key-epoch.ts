import { type EpochSeconds, type KeyEpoch, secondsAfter } from './ids.ts';

/**
 * Number of months for which a key is still accepted after its own month. This is longer than the maximum lifetime of a
 * link (400 days).
 */
const ACCEPTED_PAST_MONTHS = 26;

/** Maximum time that another server's clock may be ahead, in seconds. */
const CLOCK_SKEW_SECONDS = 300;

/** Returns the UTC month of a time, counted from 2000-01. */
export function keyEpochOf(seconds: EpochSeconds): KeyEpoch {
  const date = new Date(seconds * 1000);
  return ((date.getUTCFullYear() - 2000) * 12 + date.getUTCMonth()) as KeyEpoch;
}

/**
 * Returns whether tokens with this key epoch are accepted now. This is checked before any key is derived, so a forged
 * token with an unacceptable epoch causes no KMS call.
 */
export function isAcceptedKeyEpoch(epoch: KeyEpoch, now: EpochSeconds): boolean {
  const newest = keyEpochOf(secondsAfter(now, CLOCK_SKEW_SECONDS));
  return epoch <= newest && epoch >= newest - ACCEPTED_PAST_MONTHS;
}
