import { MOST_ATTEMPTS } from '../../lambda/domain/presence-code.ts';
import { redeem, repeat } from './attempts.ts';
import { drain } from './moves.ts';
import { type Entry, trueState } from './referee.ts';
import { attemptsIn } from './rules-of-codes.ts';
import { MADE_UP } from './sources.ts';
import type { World } from './world.ts';

/**
 * Tries to redeem a token once more, without faults. The token must open the file if and only if it is live and has
 * fewer than five wrong codes. If this redemption gives a second chance, its secret, and no other, must open the file
 * again. Counts the token's state.
 */
export async function tryOnceMore(world: World, entry: Entry): Promise<void> {
  const state = trueState(entry, world.now);
  const row = world.tables.rows('tokens').get(entry.record.tokenId);
  const isUsedUp = attemptsIn(row).size >= MOST_ATTEMPTS;
  world.files.reinstate(entry.record.asset);
  const attempt = redeem(world, entry);
  await drain(world);
  const opened = entry.winner === attempt;
  if (opened !== (state === 'live' && !isUsedUp)) {
    world.referee.violate('the tables agree', `state of ${entry.name}: ${state}, file opened: ${opened}`);
  }
  if (opened && entry.secret !== undefined) {
    repeat(world, entry, MADE_UP);
    await drain(world);
    const again = repeat(world, entry);
    await drain(world);
    if (!entry.again.has(again)) {
      world.referee.violate('the tables agree', `the second chance of ${entry.name} does not work`);
    }
  }
  world.count(`at the end ${state}`);
}
