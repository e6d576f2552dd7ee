import { type InboxMail, waitForMail } from '../../local/inbox.ts';

/** The first mail to an address, as soon as it is in the laptop's inbox. */
export function mailTo(inbox: string, address: string): Promise<InboxMail> {
  return waitForMail(inbox, address, 20_000);
}
