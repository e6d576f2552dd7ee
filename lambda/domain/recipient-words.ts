/** Limits the name that a mail greets, in UTF-16 code units. */
export const LONGEST_NAME = 100;

/** Limits what an issuer writes to a recipient, in UTF-16 code units. */
export const LONGEST_MESSAGE = 500;
