import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';

const UNSAFE = new RegExp(`[${UNSAFE_CHARACTERS}]+`, 'gu');

/**
 * Returns text that fits in a header or on one line: without line breaks, which could be used to inject headers (RFC
 * 5322, section 2.2), and without characters that reorder or hide the text after them.
 */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, ' ').replace(/\s+/g, ' ').trim();
}

/**
 * Shortens text to at most `length` UTF-16 code units. The middle is left out, so that a file's extension remains.
 * User-perceived characters are never split.
 */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const characters = Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
  const half = Math.floor((length - 1) / 2);
  return `${takeUpTo(characters, half).join('')}…${takeUpTo(characters.reverse(), half).reverse().join('')}`;
}

/**
 * Longest file name in a subject, in UTF-16 code units: about one header line (78 characters, RFC 5322, section 2.1.1)
 * and an extension.
 */
const SUBJECT_NAME_LENGTH = 100;

/**
 * Returns a file name that fits in the subject of an e-mail. A space breaks up encoded words (RFC 2047). Otherwise, mail
 * software would decode them, and so show the characters that {@link oneLine} removes.
 */
export function nameForSubject(fileName: string): string {
  return shorten(oneLine(fileName).replaceAll('=?', '= ?'), SUBJECT_NAME_LENGTH);
}

function takeUpTo(characters: readonly string[], length: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += character.length;
    if (used > length) break;
    taken.push(character);
  }
  return taken;
}
