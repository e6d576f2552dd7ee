import type { Mail } from '../../lambda/domain/ports.ts';
import { tokensIn } from '../support/memory-world.ts';
import type { Actor } from './actor.ts';
import type { Books, Entry } from './books.ts';

const RULE = 'notices tell of redemptions only';

/** Judges that a notice is asked for: only by the function that redeemed the token, when somebody is to be told. */
export function judgeNoticeAskedFor(books: Books, actor: Actor, tokenId: unknown): void {
  const entry = typeof tokenId === 'string' ? books.find(tokenId) : undefined;
  if (entry?.receipt?.kind !== 'redeemed' || entry.owner !== actor || entry.record.notify === undefined) {
    books.violate(RULE, `${actor.name} asks for a notice of ${entry?.name}, which it has not redeemed`);
  }
}

/** Judges a notice as it goes out: of a redemption, to whom it may concern, and with nothing in it that redeems. */
export function judgeNotice(books: Books, actor: Actor, { name, record, receipt }: Entry, mail: Mail): void {
  if (receipt?.kind !== 'redeemed' || mail.to !== record.notify) {
    books.violate(RULE, `${actor.name} tells somebody of ${name}, which is ${receipt?.kind}`);
  }
  if (tokensIn(mail).length > 0) books.violate(RULE, `${actor.name} sends a token along`);
}
