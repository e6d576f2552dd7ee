import { redeem } from './attempts.ts';
import { drain } from './moves.ts';
import { type Entry, trueState } from './referee.ts';
import type { World } from './world.ts';

/** Checks that a live token opens the file and any other does not. Counts the states that tokens end in. */
export async function tryOnceMore(world: World, entry: Entry): Promise<void> {
  const state = trueState(entry, world.now);
  world.files.reinstate(entry.record.asset);
  const attempt = redeem(world, entry);
  await drain(world);
  const opened = entry.winner === attempt;
  if (opened !== (state === 'live')) {
    world.referee.violate('the records agree', `${entry.name} is ${state}, and opens the file: ${opened}`);
  }
  world.count(`at the end ${state}`);
}
