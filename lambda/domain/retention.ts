import { type EpochSeconds, secondsAfter } from './ids.ts';
import { DAY_SECONDS } from './lifetime.ts';

/**
 * Minimum time that a token's receipt and history are kept after its expiry, in seconds. DynamoDB keeps backups for at
 * most 35 days, so the receipt and history of a record that is restored from a backup still exist.
 */
export const BACKUP_WINDOW_SECONDS = 36 * DAY_SECONDS;

/** Returns when a row may be removed: once the backup window after the expiry and the retention after `at` are over. */
export function removalTime(expiresAt: EpochSeconds, at: EpochSeconds, retentionDays: number): EpochSeconds {
  const pastBackups = secondsAfter(expiresAt, BACKUP_WINDOW_SECONDS);
  const pastRetention = secondsAfter(at, retentionDays * DAY_SECONDS);
  return Math.max(pastBackups, pastRetention) as EpochSeconds;
}
