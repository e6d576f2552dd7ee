import { MOST_ATTEMPTS, presenceCodeOf } from '../../lambda/domain/presence-code.ts';
import { PRESENCE_KEY } from '../support/presence-codes.ts';
import type { Actor } from './actor.ts';
import type { Entry, Referee } from './referee.ts';

export function codeOf({ record }: Entry): string {
  return presenceCodeOf(record.tokenId, PRESENCE_KEY);
}

/** Returns the attempts that a row records. */
export function attemptsIn(row: object | undefined): ReadonlySet<string> {
  return (row as { readonly codeAttempts?: ReadonlySet<string> } | undefined)?.codeAttempts ?? new Set();
}

/** Checks a change to a link's recorded attempts at the moment when the change is applied. */
export function judgeCount(
  referee: Referee,
  actor: Actor,
  entry: Entry,
  [before, after]: readonly [ReadonlySet<string>, ReadonlySet<string>],
): void {
  if (after.size > before.size) actor.counted = true;
  if (after.size > MOST_ATTEMPTS) {
    referee.violate('a link allows at most five attempts', `${entry.name} counts ${after.size} attempts`);
  }
  if (after.size < before.size && actor.code !== codeOf(entry)) {
    referee.violate(
      'a link allows at most five attempts',
      `${actor.name} removed the attempt of a wrong code from ${entry.name}`,
    );
  }
}

/** Checks a redemption's code at the moment when its receipt is written. */
export function judgeCode(referee: Referee, actor: Actor, entry: Entry): void {
  if (!entry.record.presenceCode) return;
  if (actor.code !== codeOf(entry)) {
    referee.violate(
      'no file is delivered without the right code',
      `${actor.name} redeemed ${entry.name} with a wrong code`,
    );
  }
  if (!actor.counted) {
    referee.violate(
      'a link allows at most five attempts',
      `${actor.name} redeemed ${entry.name} without a counted attempt`,
    );
  }
}

/** Returns whether the response `wrong_code` is correct. */
export function isWrongCode(actor: Actor, entry: Entry, attemptsLeft: number | undefined): boolean {
  const left = attemptsLeft !== undefined && attemptsLeft > 0 && attemptsLeft < MOST_ATTEMPTS;
  return left && actor.counted && actor.code !== codeOf(entry);
}
