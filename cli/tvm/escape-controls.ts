/**
 * Matches characters that can steer a terminal or reorder a line: control characters, bidirectional controls,
 * zero-width and line separators, tags and lone surrogates.
 */
const CONTROLS =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2060-\u206f\u202a-\u202e\ufeff\u{e0000}-\u{e007f}]/gu;

/** Replaces every control character with its escape, such as `\u{1b}`. One line stays one line. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Returns the value as JSON, with the same characters escaped. */
export function escapeControlsInJson(value: unknown, indent?: number): string {
  const controls = new RegExp(CONTROLS.source, 'gu');
  return JSON.stringify(value, undefined, indent).replace(controls, (character) =>
    character === '\n'
      ? character
      : [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join(''),
  );
}
