import { LIFETIME } from '../domain/lifetime.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';

/* Rules of the domain that deployment options follow as well. */

/** Longest lifetime of a link, in minutes. */
export const LONGEST_LINK_MINUTES = LIFETIME.max / 60;

/**
 * Matches text that reads the same on every page and in every mail: without unsafe characters, and without the rest of Unicode's
 * category Other, which consists of joiners, other formats, and private and unassigned characters.
 */
export const SHOWN_EVERYWHERE = new RegExp(String.raw`^[^\p{C}${UNSAFE_CHARACTERS}]+$`, 'u');
