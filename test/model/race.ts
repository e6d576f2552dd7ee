import { epochSeconds } from '../../lambda/domain/ids.ts';
import type { Actor } from './actor.ts';
import { guess, redeem } from './attempts.ts';
import type { Disturbances, Scenario } from './branch.ts';
import { putLink } from './one-link.ts';
import { revoke } from './operations.ts';
import type { Entry } from './referee.ts';
import type { Fate, Step } from './scheduler.ts';
import { LINKS } from './setting.ts';
import type { World } from './world.ts';

export interface Race extends Disturbances, Pick<Scenario<World>, 'turns'> {
  readonly between: readonly ('redeem' | 'revoke' | 'guess')[];
  readonly delivery: 'redirect' | 'stream';
  readonly notice?: 'wanted';
  /** Whether the link asks for a code and has already received four wrong ones. */
  readonly code?: 'asked';
}

const INVOKE: Readonly<Record<Race['between'][number], (world: World, entry: Entry) => Actor>> = {
  redeem,
  revoke,
  guess: (world, entry) => guess(world, entry),
};

/** Returns a scenario in which several functions try to end one link concurrently. */
export function race({ between, delivery, notice, code, ...rules }: Race): Scenario<World> {
  return {
    setting: LINKS,
    ...rules,
    begin: async (world) => {
      const entry = await putLink(world, {
        delivery,
        ...(notice && { wantsNotice: true }),
        ...(code && { presenceCode: true }),
      });
      if (code) tryFourCodes(world, entry);
      for (const operation of between) INVOKE[operation](world, entry);
    },
    judge: judgeRace,
    endingOf,
  };
}

/** Records four attempts with wrong codes, so that one more ends the link. */
function tryFourCodes({ tables }: World, { record }: Entry): void {
  const codeAttempts = new Set(['first', 'second', 'third', 'fourth']);
  tables.rows('tokens').set(record.tokenId, { ...record, codeAttempts });
}

/** If the step puts a receipt, returns every fate that leaves the step without a response. */
export function fatesOfReceipts({ label }: Step): readonly Fate[] {
  return label === 'PutItem receipts' ? ['request-lost', 'response-lost', 'late'] : [];
}

/** If the step puts a receipt, returns the fate in which the receipt is written but the response is lost. */
export function lostResponsesOfReceipts({ label }: Step): readonly Fate[] {
  return label === 'PutItem receipts' ? ['response-lost'] : [];
}

/** Returns every fate that leaves a call without a response. */
export function fatesOfCalls({ kind }: Step): readonly Fate[] {
  return kind === 'read' ? ['request-lost'] : ['request-lost', 'response-lost', 'late'];
}

/** Checks that at most one redemption succeeded and, if one did, that the receipt agrees and no revocation was in time. */
function judgeRace({ referee, actors, tables }: World): void {
  const redeemed = actors.filter(({ told }) => told === 'redeemed');
  const revoked = actors.filter(({ told }) => told === 'revoked');
  const [receipt] = tables.rows('receipts').values();
  if (redeemed.length > 1)
    referee.violate(
      'one redemption wins',
      `${redeemed.length} callers were told that they redeemed the link`,
    );
  if (redeemed.length > 0 && receipt?.kind !== 'redeemed') {
    referee.violate(
      'every response is correct',
      `a redemption succeeded, but the receipt says ${receipt?.kind}`,
    );
  }
  // Revoking an expired link succeeds, even while a redemption that began in time is still in flight.
  const inTime = revoked.filter((actor) => !referee.entries.some((entry) => heardAfter(entry, actor)));
  if (redeemed.length > 0 && inTime.length > 0) {
    referee.violate(
      'every response is correct',
      'a redemption and a revocation were both reported as successful',
    );
  }
}

/** Returns whether a function got a response to one of its calls after the link had expired. */
function heardAfter({ record }: Entry, { heard }: Actor): boolean {
  return heard.some(({ at }) => epochSeconds(at) >= record.expiresAt);
}

/** Describes how the race ended: the receipt's kind and the response to each caller. */
function endingOf({ tables, actors }: World): string {
  const [receipt] = tables.rows('receipts').values();
  const told = actors.map(
    ({ operation, state, told = state === 'killed' ? state : 'nothing' }) => `${operation} ${told}`,
  );
  return `${receipt?.kind ?? 'no receipt'}: ${told.sort().join(', ')}`;
}
