import { z } from 'zod';
import { LaptopError } from './laptop-error.ts';

const Store = z.object({
  emails: z.array(
    z.object({
      from: z.string(),
      subject: z.string(),
      destination: z.object({ to: z.array(z.string()) }),
      body: z.object({ text: z.string().optional(), html: z.string().optional() }),
    }),
  ),
});

export type InboxMail = z.output<typeof Store>['emails'][number];

/** Polling interval in milliseconds. */
const LOOK_AGAIN_MS = 100;

/** Returns all e-mails in the inbox, oldest first. */
export async function readInbox(inbox: string): Promise<readonly InboxMail[]> {
  const response = await fetch(`${inbox}/store`);
  return Store.parse(await response.json()).emails;
}

/**
 * Waits for an e-mail to an address, and returns the oldest one.
 *
 * @throws LaptopError if none arrives within `withinMs` milliseconds
 */
export async function waitForMail(inbox: string, to: string, withinMs: number): Promise<InboxMail> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    const mail = (await readInbox(inbox)).find(({ destination }) => destination.to.includes(to));
    if (mail !== undefined) return mail;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  throw new LaptopError(`No e-mail to ${to} arrived within ${withinMs / 1000} s.`);
}
