import { tokensIn } from '../support/memory-world.ts';
import { Choices } from './choices.ts';
import { endNamed } from './end-named.ts';
import { drain, move } from './moves.ts';
import { deliver } from './operations.ts';
import { chooseProfile } from './profiles.ts';
import { judgeBalance, judgeRest } from './rules-at-rest.ts';
import type { TraceLine } from './stage.ts';
import { tryOnceMore } from './try-once-more.ts';
import type { Violation } from './violation.ts';
import { World } from './world.ts';

/** The outcome of one schedule. */
export interface Outcome {
  readonly name: string;
  /** The environment variables that run this schedule again, if there are any. */
  readonly again?: string;
  /** The first violation, if any. */
  readonly violation: Violation | undefined;
  /** Everything that happened, one line per step. */
  readonly trace: readonly TraceLine[];
  /** The number of times that the schedule reached each counted outcome. */
  readonly tally: ReadonlyMap<string, number>;
}

/** When schedules begin: in the middle of a month, or two seconds before its end. */
const BEGINNINGS = [new Date('2031-05-17T10:20:30Z'), new Date('2031-05-31T23:59:58Z')];

/**
 * Simulates the lives of a few tokens under one schedule and checks the rules after every step. At the end, everything
 * finishes without faults, and every named request and every token is tried once more. Each response must be the one
 * that the referee expects.
 */
export async function runSchedule(seed: number): Promise<Outcome> {
  const choices = new Choices(seed);
  const profile = chooseProfile(choices);
  const world = new World(choices, profile, choices.pick(BEGINNINGS));
  if (choices.chance(0.6)) world.secondChances = 'on';
  world.note(`schedule ${seed}, ${profile.name}, second chances ${world.secondChances}`);
  const moves = 60 + choices.below(60);
  for (let done = 0; done < moves && isSound(world); done += 1) await move(world);
  if (isSound(world)) await finishWithoutFaults(world);
  const { violation } = world.referee;
  const again = `TVM_MODEL_SEED=${seed} TVM_MODEL_SCHEDULES=1`;
  return { name: `schedule ${seed}`, again, violation, trace: world.trace, tally: world.tally };
}

function isSound(world: World): boolean {
  judgeBalance(world);
  return world.referee.violation === undefined;
}

async function finishWithoutFaults(world: World): Promise<void> {
  world.note('nothing more goes wrong');
  world.skewSeconds = 0;
  await drain(world);
  for (const named of world.named) if (isSound(world)) await endNamed(world, named);
  world.queue.redrive();
  for (const message of [...world.queue.visible]) {
    deliver(world, message);
    await drain(world);
  }
  for (const entry of world.referee.entries) if (isSound(world)) await tryOnceMore(world, entry);
  countFinalOutcomes(world);
  judgeRest(world);
}

/** Counts the outcomes that are known only at the end of a schedule. */
function countFinalOutcomes(world: World): void {
  const mailed = world.mailer.sent.flatMap(tokensIn);
  for (const { token, owner } of world.referee.entries) {
    if (owner?.state === 'killed') world.count('killed after the receipt');
    if (mailed.filter((other) => other === token).length > 1) world.count('mailed more than once');
  }
}
