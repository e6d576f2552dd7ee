import fc from 'fast-check';

/**
 * Any code point except half a surrogate pair, as a unit of strings. fast-check's own unit, `binary`, is the same, but
 * each test process would spend a second on building its table of all code points.
 */
export const anyCodePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));

/** Generates text in which these pieces are far more frequent than in random text. */
export const textRichIn = (pieces: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: anyCodePoint, maxLength: 8 })), {
      maxLength: 40,
    })
    .map((parts) => parts.join(''));
