import { type InboxMail, readInbox } from '../../laptop/src/inbox.ts';
import { eventually } from '../../laptop/test/support/eventually.ts';

/** Waits for the first e-mail to an address in local mode's inbox. */
export function mailTo(inbox: string, address: string): Promise<InboxMail> {
  return eventually(async () =>
    (await readInbox(inbox)).find(({ destination }) => destination.to.includes(address)),
  );
}

/** Returns the token of the link in an e-mail. */
export function tokenIn({ body }: InboxMail): string {
  const token = /tvm_[A-Za-z0-9_-]{52}/.exec(body.text ?? '')?.[0];
  if (token === undefined) throw new Error('The e-mail contains no token.');
  return token;
}
