import type { EpochSeconds } from '../domain/ids.ts';
import type { Messages } from './messages.ts';

const SIZE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

const DURATION_UNITS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

/** Formats a size in SI units (1 kB is 1,000 bytes) with at most one decimal: `999 bytes`, `1.2 MB`. */
export function formatSize(bytes: number, locale: string): string {
  let value = bytes;
  let step = 0;
  // The value is rounded first, so that 999,950 bytes are shown as 1 MB and not as 1,000 kB.
  while (Math.round(value * 10) / 10 >= 1000 && step < SIZE_UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const unit = SIZE_UNITS[step] ?? 'byte';
  const unitDisplay = unit === 'byte' ? 'long' : 'short';
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: 1,
  }).format(value);
}

/** Formats a count with separators: `1,000`. */
export function formatCount(count: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

/** Formats a time in UTC, rounded down to the minute: `23 November 2026, 18:05 UTC`. */
export function formatMoment(at: EpochSeconds, { locale, moment: inSentence }: Messages): string {
  const moment = new Date(at * 1000);
  const timeZone = 'UTC';
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', timeZone });
  const time = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  return inSentence(day.format(moment), time.format(moment));
}

/** Formats a duration in its two largest units, rounded down: `15 minutes`, `1 day, 2 hours`. */
export function formatDuration(seconds: number, locale: string): string {
  let left = Math.max(0, Math.floor(seconds));
  const amounts: { unit: (typeof DURATION_UNITS)[number]['unit']; count: number }[] = [];
  for (const { unit, seconds: length } of DURATION_UNITS) {
    const count = Math.floor(left / length);
    left -= count * length;
    if (count > 0) amounts.push({ unit, count });
  }
  if (amounts.length === 0) amounts.push({ unit: 'second', count: 0 });
  const parts = amounts
    .slice(0, 2)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    );
  return new Intl.ListFormat(locale, { type: 'unit', style: 'long' }).format(parts);
}

/** Formats the time left, rounded down to whole minutes, or to seconds during the last minute. */
export function formatLeft(seconds: number, locale: string): string {
  return formatDuration(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60, locale);
}

/** Formats a waiting time, rounded up, so that nobody comes back too early. */
export function formatWait(seconds: number, locale: string): string {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole <= 60) return formatDuration(whole, locale);
  const grain = whole <= 86_400 ? 60 : 3_600;
  return formatDuration(Math.ceil(whole / grain) * grain, locale);
}
