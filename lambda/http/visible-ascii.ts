/** Matches visible ASCII, without spaces and control characters. */
export const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
