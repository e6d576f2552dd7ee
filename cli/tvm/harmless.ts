/**
 * What may steer a terminal or reorder a line: control characters, bidirectional controls, zero-width and line
 * separators, tags and lone surrogates.
 */
const HARMFUL =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff\u{e0000}-\u{e007f}]/gu;

/** Spells out whatever could steer a terminal: `\u{1b}` for an escape. One line stays one line. */
export function harmless(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** JSON of the same value, with the same characters escaped: nothing in it steers a terminal either. */
export function harmlessJson(value: unknown, indent?: number): string {
  const harmful = new RegExp(HARMFUL.source, 'gu');
  return JSON.stringify(value, undefined, indent).replace(harmful, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
