/**
 * Lists the characters that change how a text reads without being seen, as the inside of a character class for a
 * regular expression with the flag `u`:
 *
 * - control characters, unpaired surrogates, and line and paragraph separators
 * - bidirectional controls (UAX #9) and invisible characters, which make two texts look alike (UTR #36)
 * - interlinear annotations, replacement characters, noncharacters, and tags
 *
 * The zero-width joiner and non-joiner are not among them: emoji and several scripts need them.
 */
export const UNSAFE_CHARACTERS = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff\ufff9-\uffff\u{e0000}-\u{e007f}`;
