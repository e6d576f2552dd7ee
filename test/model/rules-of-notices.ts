import type { Mail } from '../../lambda/domain/ports.ts';
import { tokensIn } from '../support/memory-world.ts';
import { email } from '../support/values.ts';
import type { Actor } from './actor.ts';
import type { Entry, Referee } from './referee.ts';

/** Whom every request of the model names that wants a notice. */
export const ISSUER = email('issuer@example.org');

const RULE = 'notices tell of redemptions only';

/** Judges what a function has asked for when it has come to its end: only the winner asks, once, if it was to. */
export function judgeNoticesAskedFor(referee: Referee, actor: Actor, entry: Entry | undefined): void {
  const most = entry?.winner === actor && entry.record.wantsNotice === true ? 1 : 0;
  if (actor.noticesAskedFor > most) {
    referee.violate(RULE, `${actor.name} asked for ${actor.noticesAskedFor} notices, and ${most} were due`);
  }
}

/** Judges a notice as it goes out: of a redemption, to whom it may concern, and with nothing in it that redeems. */
export function judgeNotice(
  referee: Referee,
  actor: Actor,
  { name, record, receipt }: Entry,
  mail: Mail,
): void {
  if (receipt?.kind !== 'redeemed' || !record.wantsNotice || mail.to !== ISSUER) {
    referee.violate(RULE, `${actor.name} tells somebody of ${name}, which is ${receipt?.kind}`);
  }
  if (tokensIn(mail).length > 0) referee.violate(RULE, `${actor.name} sends a token along`);
}
