import { InvalidArgumentError } from '@commander-js/extra-typings';
import { type LifetimeBounds, parseLifetime } from './duration.ts';

/**
 * Returns a parser for an option that takes a duration, such as `15m`. The result is in seconds.
 *
 * @throws InvalidArgumentError from the parser, if the duration is invalid or out of bounds
 */
export function lifetimeWithin(bounds: LifetimeBounds): (text: string) => number {
  return (text) => {
    const seconds = parseLifetime(text, bounds);
    if (seconds !== undefined) return seconds;
    throw new InvalidArgumentError(
      `Use a time from ${bounds.min / 60}m to ${bounds.max / 86_400}d, such as 15m, 2h, or 7d.`,
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
