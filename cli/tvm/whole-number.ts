import { InvalidArgumentError } from '@commander-js/extra-typings';

/**
 * Makes a reader of whole numbers for an option.
 *
 * @throws InvalidArgumentError, from the reader, for what is none or is out of bounds
 */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
  };
}
