import { momentText, sizeText } from './format.ts';

/** A name and a value, such as a state or a time. */
export type Fact = readonly [name: string, value: string];

/** Returns a fact, or nothing if there is no value. */
export const fact = (name: string, value: string | undefined): readonly Fact[] =>
  value === undefined ? [] : [[name, value]];

/** Returns formatters that round times and sizes for `people`, and write full times and bytes for `plain`. */
export function factFormats(format: 'people' | 'plain') {
  const people = format === 'people';
  return {
    people,
    time: (text: string): string => (people ? momentText(new Date(text)) : text),
    bytes: (amount: number): string => (people ? sizeText(amount) : String(amount)),
  };
}
