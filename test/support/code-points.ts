import fc from 'fast-check';

/**
 * Any code point except half a surrogate pair, as a unit of strings. fast-check has the same unit, `binary`, but spends
 * a second in each test process on building a table of all code points.
 */
export const anyCodePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

/** Generates text with far more of these pieces than random text has. */
export const textRichIn = (pieces: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: anyCodePoint, maxLength: 8 })), {
      maxLength: 40,
    })
    .map((parts) => parts.join(''));
