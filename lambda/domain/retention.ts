import { type EpochSeconds, secondsAfter } from './ids.ts';

const DAY_SECONDS = 86_400;

/**
 * Keeps a token's receipt and history after its expiry, in seconds. DynamoDB keeps backups for at most 35 days, and a
 * restored record must still meet its receipt and its history.
 */
export const BACKUP_WINDOW_SECONDS = 36 * DAY_SECONDS;

/**
 * Returns when a token's row may go: after the token's expiry, after any backup of its record, and after the retention.
 */
export function removalTime(expiresAt: EpochSeconds, at: EpochSeconds, retentionDays: number): EpochSeconds {
  const pastBackups = secondsAfter(expiresAt, BACKUP_WINDOW_SECONDS);
  const pastRetention = secondsAfter(at, retentionDays * DAY_SECONDS);
  return Math.max(pastBackups, pastRetention) as EpochSeconds;
}
