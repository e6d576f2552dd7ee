import { type EpochSeconds, secondsAfter } from './ids.ts';
import { DAY_SECONDS } from './lifetime.ts';

/**
 * Minimum time for which a token's receipt and history are kept after the token's expiry, in seconds. DynamoDB keeps
 * backups for at most 35 days, so if a record is restored from a backup, its receipt and history still exist.
 */
export const BACKUP_WINDOW_SECONDS = 36 * DAY_SECONDS;

/** Returns when a row can be removed: once the backup window after the expiry and the retention after `at` are over. */
export function removalTime(expiresAt: EpochSeconds, at: EpochSeconds, retentionDays: number): EpochSeconds {
  const pastBackups = secondsAfter(expiresAt, BACKUP_WINDOW_SECONDS);
  const pastRetention = secondsAfter(at, retentionDays * DAY_SECONDS);
  return Math.max(pastBackups, pastRetention) as EpochSeconds;
}
