import { LIFETIME } from '../domain/lifetime.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';

/* Rules of the domain that also apply to deployment options. */

/** Longest lifetime of a link, in minutes. */
export const LONGEST_LINK_MINUTES = LIFETIME.max / 60;

/**
 * Matches text that reads the same on every page and in every mail. It contains no unsafe characters, and none of the
 * rest of Unicode's category Other: joiners, other formats, and private and unassigned characters.
 */
export const SHOWN_EVERYWHERE = new RegExp(String.raw`^[^\p{C}${UNSAFE_CHARACTERS}]+$`, 'u');
