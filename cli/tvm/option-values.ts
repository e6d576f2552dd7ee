import { InvalidArgumentError } from '@commander-js/extra-typings';
import { type LifetimeBounds, parseLifetime } from './duration.ts';

/** A day in seconds. */
const DAY = 86_400;

/**
 * Returns a parser for an option that takes a duration, such as `15m`. The result is in seconds.
 *
 * @throws InvalidArgumentError from the parser, if the duration is invalid or out of bounds
 */
export function lifetimeWithin(bounds: LifetimeBounds): (text: string) => number {
  return (text) => {
    const seconds = parseLifetime(text, bounds);
    if (seconds !== undefined) return seconds;
    const [shortest, examples] =
      bounds.min < DAY ? [`${bounds.min / 60}m`, '15m, 2h, or 7d'] : [`${bounds.min / DAY}d`, '3d or 4w'];
    throw new InvalidArgumentError(
      `Use a time from ${shortest} to ${bounds.max / DAY}d, such as ${examples}.`,
    );
  };
}

/**
 * Returns a parser for an option that takes a whole number.
 *
 * @throws InvalidArgumentError from the parser, if the value is not a whole number, or is out of bounds
 */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  };
}
