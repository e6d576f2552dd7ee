import fc from 'fast-check';

/**
 * Any code point except half a surrogate pair, as the unit of a string. Like fast-check's `binary`, which builds a table
 * of all of them first, a second in each test process.
 */
export const anyCodePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
