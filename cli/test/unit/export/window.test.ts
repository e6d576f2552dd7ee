import { describe, expect, test } from '@jest/globals';
import { monthsOf, readWindow } from '../../../export/window.ts';

const NOW = new Date('2026-11-23T21:30:00.000Z');

function windowOf(from?: string, to?: string) {
  const read = readWindow({ from, to }, NOW);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

describe('readWindow', () => {
  test('includes both days, in UTC', () => {
    expect(windowOf('2026-11-01', '2026-11-30')).toEqual({
      from: new Date('2026-11-01T00:00:00.000Z'),
      until: new Date('2026-12-01T00:00:00.000Z'),
    });
  });

  test('accepts a single day', () => {
    const { from, until } = windowOf('2026-11-23', '2026-11-23');
    expect(until.getTime() - from.getTime()).toBe(86_400_000);
  });

  test('ends today if no last day is given', () => {
    expect(windowOf('2026-11-20').until).toEqual(new Date('2026-11-24T00:00:00.000Z'));
  });

  test('begins before the first link if no first day is given', () => {
    expect(windowOf().from).toEqual(new Date('2026-01-01T00:00:00.000Z'));
  });

  test('accepts leap days', () => {
    expect(windowOf('2028-02-29', '2028-02-29').until).toEqual(new Date('2028-03-01T00:00:00.000Z'));
  });

  test.each(['2026-02-30', '2026-13-01', '2026-1-1', '23.11.2026', '2026-11-23T00:00:00Z', 'today', ''])(
    'rejects %j as a day, and names the option',
    (day) => {
      expect(readWindow({ from: day }, NOW)).toEqual({
        ok: false,
        error: '--from takes a day such as 2026-11-23, in UTC.',
      });
      expect(readWindow({ to: day }, NOW)).toMatchObject({
        ok: false,
        error: expect.stringContaining('--to'),
      });
    },
  );

  test('rejects a last day before the first', () => {
    expect(readWindow({ from: '2026-11-02', to: '2026-11-01' }, NOW)).toEqual({
      ok: false,
      error: '--to is before --from.',
    });
  });
});

describe('monthsOf', () => {
  test('returns the months of the window', () => {
    expect([...monthsOf(windowOf('2025-12-31', '2026-02-01'), NOW)]).toEqual([
      '2025-12',
      '2026-01',
      '2026-02',
    ]);
  });

  test('omits the next month if the window ends on the last day of a month', () => {
    expect([...monthsOf(windowOf('2026-10-01', '2026-10-31'), NOW)]).toEqual(['2026-10']);
  });

  test('returns no months in the future', () => {
    expect([...monthsOf(windowOf('2026-11-01', '2027-06-30'), NOW)]).toEqual(['2026-11']);
    expect([...monthsOf(windowOf('2027-01-01', '2027-06-30'), NOW)]).toEqual([]);
  });
});
