import { fail, ok, type Result } from '../../lambda/operator.ts';

/** A period in which links were issued. */
export interface Window {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly until: Date;
}

/** The default start. No deployment is older. */
const FIRST_DAY = '2026-01-01';
const DAY_MS = 86_400_000;

/**
 * Parses a window of whole days in UTC, including the last one. By default, it includes all links up to today.
 *
 * @returns the window, or a message about what is wrong
 */
export function readWindow(
  given: { readonly from?: string | undefined; readonly to?: string | undefined },
  now: Date,
): Result<Window, string> {
  const from = readDay('--from', given.from ?? FIRST_DAY);
  if (!from.ok) return from;
  const to = readDay('--to', given.to ?? now.toISOString().slice(0, 10));
  if (!to.ok) return to;
  if (given.to !== undefined && to.value < from.value) return fail('--to is before --from.');
  return ok({ from: from.value, until: new Date(to.value.getTime() + DAY_MS) });
}

/** Parses an ISO 8601 date, and rejects dates such as February 30. */
function readDay(option: string, text: string): Result<Date, string> {
  const day = new Date(`${text}T00:00:00.000Z`);
  const exists = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime());
  return exists && day.toISOString().startsWith(text)
    ? ok(day)
    : fail(`${option} takes a day such as 2026-11-23, in UTC.`);
}

/** Returns the months of a window, such as `2026-11`, up to the current one. */
export function* monthsOf({ from, until }: Window, now: Date): Generator<string, void> {
  const end = Math.min(until.getTime() - 1, now.getTime());
  const month = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth()));
  for (; month.getTime() <= end; month.setUTCMonth(month.getUTCMonth() + 1)) {
    yield month.toISOString().slice(0, 7);
  }
}
