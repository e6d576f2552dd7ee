import { type EpochSeconds, epochSeconds, secondsAfter, type TokenId } from '../ids.ts';
import { LONGEST_RUN_SECONDS } from '../lifetime.ts';
import type { Clock, Report } from '../ports.ts';
import { BACKUP_WINDOW_SECONDS } from '../retention.ts';
import type { Change, RecordRemoved } from './change.ts';
import type { Event } from './event.ts';
import { eventOf } from './event-of.ts';

/** Publishes events to subscribers. */
export interface EventBus {
  /**
   * Publishes at most ten events.
   *
   * @returns how many events, counted from the first, the bus is known to have accepted; it may have accepted more
   * @throws Unavailable if it is unknown whether the bus has accepted any of them
   */
  publish(events: readonly Event[]): Promise<number>;
}

/** Reads receipts. */
export interface Endings {
  /** Reads, with strong consistency, whether a token has a receipt. */
  hasReceipt(tokenId: TokenId): Promise<boolean>;
}

export interface TellDependencies {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly endings: Endings;
  readonly report: Report;
}

/** Number of changes that are done, counted from the first, and the reason why any others must be processed again. */
export interface Told {
  readonly done: number;
  readonly outcome: 'told' | 'too-early' | 'not-accepted';
}

/**
 * Publishes the events of at most ten changes, in order. Each event is published at least once: if the bus may not have
 * accepted a change's event, neither that change nor any later one counts as done.
 *
 * @throws Unavailable if a service is down; all changes must be processed again
 */
export async function tellChanges(deps: TellDependencies, changes: readonly Change[]): Promise<Told> {
  const now = epochSeconds(deps.clock());
  const early = changes.findIndex((change) => change.change === 'record-removed' && now < settledAt(change));
  const due = changes.slice(0, early < 0 ? undefined : early);
  const settled = await Promise.all(due.map((change) => isFact(deps, change, now)));
  const facts = due.filter((_, index) => settled[index]);
  const accepted = facts.length === 0 ? 0 : await deps.bus.publish(facts.map(eventOf));
  const refused = facts[accepted];
  if (refused !== undefined) return { done: due.indexOf(refused), outcome: 'not-accepted' };
  return { done: due.length, outcome: early < 0 ? 'told' : 'too-early' };
}

/**
 * Returns the time after which a removed record's token can no longer get a receipt. Only a function that has read the
 * record can put a receipt, and it runs for at most {@link LONGEST_RUN_SECONDS}. A redemption begins before the expiry,
 * and a revocation at most {@link LONGEST_RUN_SECONDS} after it (revoke-token.ts).
 */
function settledAt({ expiresAt, removedAt }: RecordRemoved): EpochSeconds {
  const afterReading = secondsAfter(removedAt, LONGEST_RUN_SECONDS);
  const afterExpiry = secondsAfter(expiresAt, 2 * LONGEST_RUN_SECONDS);
  return Math.min(afterReading, afterExpiry) as EpochSeconds;
}

/**
 * Returns whether a change settled a fact. Reports an incident if that cannot be known. Removing the record of a link
 * that had already ended settles nothing. Once the receipt may also be gone, a missing receipt proves nothing.
 */
async function isFact(
  { endings, report }: TellDependencies,
  change: Change,
  now: EpochSeconds,
): Promise<boolean> {
  if (change.change !== 'record-removed') return true;
  const { tokenId, expiresAt } = change;
  if (now >= secondsAfter(expiresAt, BACKUP_WINDOW_SECONDS)) {
    report(
      { incident: 'expiry-unknown', tokenId },
      new Error('The record was removed too late to tell whether its link had expired'),
    );
    return false;
  }
  return !(await endings.hasReceipt(tokenId));
}
