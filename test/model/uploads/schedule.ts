import { Choices } from '../choices.ts';
import { calm, stormy } from '../profiles.ts';
import type { Outcome } from '../schedule.ts';
import { moveUploads } from './moves.ts';
import { judgeSlots } from './rules-at-rest.ts';
import { settle } from './settle.ts';
import { UploadWorld } from './world.ts';

const BEGINNING = new Date('2031-05-17T10:20:30Z');

/** Simulates the lives of a few uploads under one schedule, and checks the rules after every step and at the end. */
export async function runUploadSchedule(seed: number): Promise<Outcome> {
  const choices = new Choices(seed);
  const profile = choices.weighted([
    [3, () => calm],
    [8, () => stormy(choices, choices.pick([0.05, 0.15, 0.35]))],
  ])();
  const world = new UploadWorld(choices, profile, BEGINNING);
  world.note(`schedule ${seed}, ${profile.name}`);
  const moves = 150 + choices.below(250);
  for (let done = 0; done < moves && isSound(world); done += 1) await moveUploads(world);
  if (isSound(world)) await settle(world);
  const { violation, trace, tally } = world;
  const again = `TVM_MODEL_SEED=${seed} TVM_MODEL_SCHEDULES=1`;
  return { name: `schedule ${seed}`, again, violation, trace, tally };
}

function isSound(world: UploadWorld): boolean {
  judgeSlots(world);
  return world.violation === undefined;
}
