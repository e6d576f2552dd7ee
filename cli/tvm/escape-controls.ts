import { UNSAFE_CHARACTERS } from '../../lambda/operator.ts';

/** Matches characters that can control a terminal or reorder a line. */
const CONTROLS = new RegExp(`[${UNSAFE_CHARACTERS}]`, 'gu');

/** Replaces every control character with its escape, such as `\u{1b}`. The result is one line. */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Returns the value as JSON, with JSON escapes for the characters that `escapeControls` replaces. */
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
