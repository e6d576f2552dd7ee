import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { english } from '../../../lambda/views/english.ts';
import {
  formatCount,
  formatDuration,
  formatLeft,
  formatMoment,
  formatSize,
  formatWait,
} from '../../../lambda/views/format.ts';
import { secondsAt } from '../../support/values.ts';

const locale = 'en-GB';

describe('formatting a size', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1_234_567, '1.2 MB'],
    [999_949, '999.9 kB'],
    [999_950, '1 MB'],
    [5_000_000_000, '5 GB'],
    [50e12, '50 TB'],
  ])('the size %d is formatted as "%s"', (bytes, words) => {
    expect(formatSize(bytes, locale)).toBe(words);
  });

  test('no size that S3 can store has more than three digits before the decimal point', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50e12 }), (bytes) => {
        expect(formatSize(bytes, locale)).toMatch(/^\d{1,3}(?:\.\d)? (?:bytes?|kB|MB|GB|TB)$/);
      }),
    );
  });
});

describe('formatting a time', () => {
  test('a time has the day, the name of the month, the year, and the minute in UTC, rounded down', () => {
    expect(formatMoment(secondsAt('2026-11-23T18:05:59Z'), english)).toBe('23 November 2026, 18:05 UTC');
  });

  test('midnight is 00:00 of the new day', () => {
    expect(formatMoment(secondsAt('2027-01-01T00:00:00Z'), english)).toBe('1 January 2027, 00:00 UTC');
  });
});

describe('formatting a duration', () => {
  test.each([
    [0, '0 seconds'],
    [30, '30 seconds'],
    [60, '1 minute'],
    [90, '1 minute, 30 seconds'],
    [900, '15 minutes'],
    [5400, '1 hour, 30 minutes'],
    [7 * 86_400, '7 days'],
    [90_061, '1 day, 1 hour'],
    [400 * 86_400, '400 days'],
  ])('a duration of %d seconds is formatted as "%s"', (seconds, words) => {
    expect(formatDuration(seconds, locale)).toBe(words);
  });
});

describe('formatting a time to wait', () => {
  test.each([
    [0, '1 second'],
    [4.2, '5 seconds'],
    [60, '1 minute'],
    [61, '2 minutes'],
    [3599, '1 hour'],
    [3601, '1 hour, 1 minute'],
    [86_399, '1 day'],
    [86_401, '1 day, 1 hour'],
  ])('a wait of %d seconds is rounded up to "%s"', (seconds, words) => {
    expect(formatWait(seconds, locale)).toBe(words);
  });

  test('a formatted wait is never shorter than the wait, and at most a minute or 5 percent longer', () => {
    const lengths: Readonly<Record<string, number>> = { day: 86_400, hour: 3600, minute: 60, second: 1 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 * 86_400 }), (seconds) => {
        const formatted = Array.from(
          formatWait(seconds, locale).matchAll(/(\d+) (day|hour|minute|second)/g),
          ([, count, unit]) => Number(count) * (lengths[unit ?? ''] ?? Number.NaN),
        ).reduce((sum, part) => sum + part, 0);
        expect(formatted).toBeGreaterThanOrEqual(seconds);
        expect(formatted).toBeLessThan(seconds + Math.max(60, seconds * 0.05));
      }),
    );
  });
});

describe('formatting the time left', () => {
  test.each([
    [-5, '0 seconds'],
    [32, '32 seconds'],
    [60, '1 minute'],
    [897, '14 minutes'],
    [7199, '1 hour, 59 minutes'],
  ])('%d seconds left are rounded down to "%s"', (seconds, words) => {
    expect(formatLeft(seconds, locale)).toBe(words);
  });
});

describe('formatting a count', () => {
  test('a count has a thousands separator', () => {
    expect(formatCount(12_345, locale)).toBe('12,345');
  });
});
