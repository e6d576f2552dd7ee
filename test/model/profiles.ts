import type { Choices } from './choices.ts';
import type { Fate, Step } from './scheduler.ts';

/** The faults injected into a schedule: the fate of each call, and whether functions are killed. */
export interface Profile {
  readonly name: 'calm' | 'receipts lose a response' | 'stormy';
  readonly kills: boolean;
  readonly fateOf: (step: Step) => Fate;
}

const FATES_OF_WRITES: readonly (readonly [number, Fate])[] = [
  [3, 'request-lost'],
  [4, 'response-lost'],
  [3, 'doubled'],
  [2, 'late'],
  [2, 'echoed'],
];

/** A profile without faults, in which only the order of calls varies. */
export const calm: Profile = { name: 'calm', kills: false, fateOf: () => 'done' };

/** Chooses the profile of a schedule at random. */
export function chooseProfile(choices: Choices): Profile {
  return choices.weighted([
    [2, () => calm],
    [3, () => loseOneResponseOfEachReceipt(choices)],
    [8, () => stormy(choices, choices.pick([0.05, 0.15, 0.35]))],
  ])();
}

/** Returns a profile with one fault: the response to an attempt's first put of a receipt is often lost. */
function loseOneResponseOfEachReceipt(choices: Choices): Profile {
  return {
    name: 'receipts lose a response',
    kills: false,
    fateOf: ({ label, actor }) =>
      label === 'PutItem receipts' && actor.faults.length === 0 && choices.chance(0.8)
        ? 'response-lost'
        : 'done',
  };
}

/** Returns a profile that kills functions, and loses, repeats, or delays each call with this probability. */
export function stormy(choices: Choices, intensity: number): Profile {
  return {
    name: 'stormy',
    kills: true,
    fateOf: ({ kind, label }) => {
      if (!choices.chance(intensity)) return 'done';
      if (kind === 'read') return 'request-lost';
      const fate = choices.weighted(FATES_OF_WRITES);
      // The deployed counter recognizes its own retry. The in-memory counter does not.
      const isCountedTwice = label.startsWith('quota.') && (fate === 'doubled' || fate === 'echoed');
      return isCountedTwice ? 'done' : fate;
    },
  };
}
