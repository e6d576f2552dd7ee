import { InvalidArgumentError } from '@commander-js/extra-typings';

/**
 * Returns a parser for the value of an option.
 *
 * @throws InvalidArgumentError from the parser, if the value is not a whole number within the bounds
 */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  };
}
