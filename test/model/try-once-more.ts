import { MOST_ATTEMPTS } from '../../lambda/domain/presence-code.ts';
import { redeem, repeat } from './attempts.ts';
import { drain } from './moves.ts';
import { type Entry, trueState } from './referee.ts';
import { attemptsIn } from './rules-of-codes.ts';
import { MADE_UP } from './sources.ts';
import type { World } from './world.ts';

/**
 * Checks that a live token opens the file and any other does not, nor one with five wrong codes, and that its redeemer gets the
 * file again. Counts the states that tokens end in.
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
    world.referee.violate('the records agree', `${entry.name} is ${state}, and opens the file: ${opened}`);
  }
  if (opened && entry.secret !== undefined) {
    repeat(world, entry, MADE_UP);
    await drain(world);
    const again = repeat(world, entry);
    await drain(world);
    if (!entry.again.has(again)) {
      world.referee.violate(
        'the records agree',
        `${entry.name} has a second chance, and does not open again`,
      );
    }
  }
  world.count(`at the end ${state}`);
}
