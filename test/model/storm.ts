import { redeem } from './attempts.ts';
import { Choices } from './choices.ts';
import { endNamed } from './end-named.ts';
import { type NamedRequest, nameRequest, repeat, reuseName } from './issuing.ts';
import { drain } from './moves.ts';
import { chooseProfile } from './profiles.ts';
import { type Links, requestFor } from './repetition.ts';
import { judgeBalance, judgeRest } from './rules-at-rest.ts';
import { judgeMailsCounted } from './rules-of-plans.ts';
import type { Outcome } from './schedule.ts';
import { tryOnceMore } from './try-once-more.ts';
import { World } from './world.ts';

const BEGINNING = new Date('2031-05-31T23:59:58Z');

/**
 * Sends one named request many times, often concurrently. Meanwhile, calls are lost, doubled, and delayed, functions
 * are killed, time passes, links are redeemed, and a different request reuses the name. At the end, sends the request
 * once more, without faults.
 */
export async function runStorm(seed: number): Promise<Outcome> {
  const choices = new Choices(seed);
  const world = new World(choices, chooseProfile(choices), BEGINNING);
  const links = choices.pick<Links>([1, 2, 3, 'mailed', 'mailed']);
  const named = nameRequest(world, requestFor(links));
  world.note(`storm ${seed}, ${world.profile.name}, for ${links}`);
  await sendRequests(world, named, choices.pick([2, 3, 5, 12, 100]));
  world.note('nothing more goes wrong');
  world.skewSeconds = 0;
  await drain(world);
  await endNamed(world, named);
  await endReused(world, named);
  judgeMailsCounted(world, links === 'mailed' ? 1 : 0);
  judgeIds(world, named);
  for (const entry of world.referee.entries) await tryOnceMore(world, entry);
  judgeRest(world);
  const { violation } = world.referee;
  return { name: `storm ${seed}`, violation, trace: world.trace, tally: world.tally };
}

async function sendRequests(world: World, named: NamedRequest, times: number): Promise<void> {
  const { referee, choices, scheduler, profile } = world;
  let begun = 0;
  while (referee.violation === undefined && (begun < times || scheduler.waiting.length > 0)) {
    const { waiting, inFlight } = scheduler;
    const { held } = world;
    const begin = () => {
      begun += 1;
      if (choices.chance(0.05)) reuseName(world, named);
      else repeat(world, named);
    };
    await choices.weighted<() => void | Promise<void>>([
      [begun < times ? 20 : 0, begin],
      [waiting.length > 0 ? 60 : 0, () => scheduler.step(profile.fateOf)],
      [inFlight.length > 0 ? 8 : 0, () => scheduler.landAny()],
      [profile.kills && waiting.length > 0 ? 3 : 0, () => scheduler.killAny()],
      [3, () => world.time.advance(choices.below(3))],
      [held.length > 0 ? 1 : 0, () => void redeem(world, choices.pick(held))],
    ])();
    await scheduler.settle();
    judgeBalance(world);
  }
}

/** If a different request took the name first, sends that request once more, because the links belong to it. */
async function endReused(world: World, named: NamedRequest): Promise<void> {
  const { name, digest } = named.repetition;
  if (world.referee.plansOf(name).every((plan) => plan.digest === digest)) return;
  reuseName(world, named);
  await drain(world);
}

/** Checks that the repeated requests together issued exactly the requested number of links. */
function judgeIds({ referee }: World, { request }: NamedRequest): void {
  if (referee.entries.length !== request.count) {
    referee.violate(
      'repeated requests get the same links',
      `links requested: ${request.count}, issued: ${referee.entries.length}`,
    );
  }
}
