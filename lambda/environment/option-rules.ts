import { LIFETIME } from '../domain/lifetime.ts';
import { UNSAFE_CHARACTERS } from '../domain/unsafe-characters.ts';

/* Rules of the domain that also apply to deployment options. */

/** Longest lifetime of a link, in minutes. */
export const LONGEST_LINK_MINUTES = LIFETIME.max / 60;

/**
 * Matches text that looks the same on every page and in every e-mail. Such text contains no unsafe characters, and
 * nothing else from Unicode's category Other, which includes joiners, other format characters, and private and
 * unassigned characters.
 */
export const SHOWN_EVERYWHERE = new RegExp(String.raw`^[^\p{C}${UNSAFE_CHARACTERS}]+$`, 'u');
