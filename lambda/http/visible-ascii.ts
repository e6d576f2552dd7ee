/** Matches visible ASCII, without spaces or control characters. */
export const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
