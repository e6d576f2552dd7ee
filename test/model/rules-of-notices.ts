import type { Mail } from '../../lambda/domain/ports.ts';
import { tokensIn } from '../support/memory-world.ts';
import { email } from '../support/values.ts';
import type { Actor } from './actor.ts';
import type { Entry, Referee } from './referee.ts';

/** The address that receives every notice in the model. */
export const ISSUER = email('issuer@example.org');

const RULE = 'notices report only redemptions';

/** Checks that only the winner requested a notice, at most once, and only if the issuer wants one. */
export function judgeNoticesAskedFor(referee: Referee, actor: Actor, entry: Entry | undefined): void {
  const most = entry?.winner === actor && entry.record.wantsNotice === true ? 1 : 0;
  if (actor.noticesAskedFor > most) {
    referee.violate(RULE, `notices requested by ${actor.name}: ${actor.noticesAskedFor}, allowed: ${most}`);
  }
}

/** Checks that a notice reports a real redemption, goes to the right address, and contains no token. */
export function judgeNotice(
  referee: Referee,
  actor: Actor,
  { name, record, receipt }: Entry,
  mail: Mail,
): void {
  if (receipt?.kind !== 'redeemed' || !record.wantsNotice || mail.to !== ISSUER) {
    referee.violate(RULE, `${actor.name} sends a notice of ${name}, which is ${receipt?.kind}`);
  }
  if (tokensIn(mail).length > 0) referee.violate(RULE, `${actor.name} includes a token in a notice`);
}
