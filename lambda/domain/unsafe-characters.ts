/**
 * Invisible characters that change how a text reads, as the content of a character class in a regular expression with
 * the `u` flag:
 *
 * - control characters, unpaired surrogates, and line and paragraph separators
 * - bidirectional controls (UAX #9)
 * - characters that make different texts look alike (UTR #36): those with the property `Default_Ignorable_Code_Point`,
 *   except joiners and variation selectors, which emoji and several scripts need
 * - interlinear annotations, replacement characters, and the noncharacters U+FFFE and U+FFFF
 *
 * The ranges are spelled out because docs/openapi.yaml has the same pattern. A test compares them with Unicode's data.
 */
export const UNSAFE_CHARACTERS = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}`;

/** Matches a single line of text without unsafe characters. */
export const PLAIN_LINE = new RegExp(`^[^${UNSAFE_CHARACTERS}]+$`, 'u');
