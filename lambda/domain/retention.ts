import { type EpochSeconds, secondsAfter } from './ids.ts';

/** DynamoDB keeps backups for at most 35 days; a restored record must still meet its receipt and its history. */
const BACKUP_WINDOW_DAYS = 36;
const DAY_SECONDS = 86_400;

/**
 * Returns when a token's row may go: after the token's expiry, after any backup of its record, and after the retention.
 */
export function removalTime(expiresAt: EpochSeconds, at: EpochSeconds, retentionDays: number): EpochSeconds {
  const pastBackups = secondsAfter(expiresAt, BACKUP_WINDOW_DAYS * DAY_SECONDS);
  const pastRetention = secondsAfter(at, retentionDays * DAY_SECONDS);
  return Math.max(pastBackups, pastRetention) as EpochSeconds;
}
