import { countedForm, type EmailAddress, type Pseudonym } from '../../lambda/operator.ts';

/** Whoever reads a mailbox: one person, whatever the case and plus-tags that an address was given with. */
export interface Person {
  /** The address without them. */
  readonly mailbox: string;
  /** The keyed hash by which quota and ledger know the mailbox. */
  readonly pseudonym: Pseudonym;
}

/** @param hash makes the pseudonym of a mailbox */
export async function personOf(
  address: EmailAddress,
  hash: (mailbox: string) => Promise<Pseudonym>,
): Promise<Person> {
  const mailbox = countedForm(address);
  return { mailbox, pseudonym: await hash(mailbox) };
}

/** Whether an address that was stored reaches this person. */
export function isOf({ mailbox }: Person, address: EmailAddress | undefined): boolean {
  return address !== undefined && countedForm(address) === mailbox;
}
