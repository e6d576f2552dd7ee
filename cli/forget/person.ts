import { countedForm, type EmailAddress, type Pseudonym } from '../../lambda/operator.ts';

/** The owner of a mailbox, whatever the address's case and plus-tag. */
export interface Person {
  /** The canonical form of the address: in lower case, without its plus-tag, and for Gmail also without dots. */
  readonly mailbox: string;
  /** The keyed hash of the mailbox, by which counters, records, and the ledger identify the person. */
  readonly pseudonym: Pseudonym;
}

/** @param hash computes the pseudonym of a mailbox */
export async function personOf(
  address: EmailAddress,
  hash: (mailbox: string) => Promise<Pseudonym>,
): Promise<Person> {
  const mailbox = countedForm(address);
  return { mailbox, pseudonym: await hash(mailbox) };
}

/** Returns whether an address reaches this person. */
export function isOf({ mailbox }: Person, address: EmailAddress | undefined): boolean {
  return address !== undefined && countedForm(address) === mailbox;
}
