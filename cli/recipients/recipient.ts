import type { EmailAddress, Language } from '../../lambda/operator.ts';

/** A row in a list of recipients. */
export interface Recipient {
  /** The line of the file on which the row begins. The header is line 1. */
  readonly line: number;
  readonly email: EmailAddress;
  /** Identifies the recipient: the canonical form of the address, for example without its plus-tag. */
  readonly mailbox: string;
  /** The name in the greeting of the e-mail. */
  readonly name?: string;
  /** The message in the e-mail. */
  readonly note?: string;
  readonly language?: Language;
}

/** An error in a list. It does not repeat the content of the file. */
export interface Complaint {
  readonly line: number;
  /** The column, if one is at fault. */
  readonly field?: string;
  readonly what: string;
}
