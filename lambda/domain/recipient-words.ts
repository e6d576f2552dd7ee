/** Longest recipient name, in UTF-16 code units. */
export const LONGEST_NAME = 100;

/** Longest message to a recipient, in UTF-16 code units. */
export const LONGEST_MESSAGE = 500;
