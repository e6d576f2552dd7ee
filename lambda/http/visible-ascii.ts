/** Matches text of visible ASCII, without spaces and controls. */
export const VISIBLE_ASCII = /^[\x21-\x7e]+$/;
