import type { Choices } from './choices.ts';
import type { Fate, Step } from './scheduler.ts';

/** How a schedule treats the functions: what becomes of each call, and whether functions are killed. */
export interface Profile {
  readonly name: 'calm' | 'receipts lose an answer' | 'stormy';
  readonly kills: boolean;
  readonly fateOf: (step: Step) => Fate;
}

const FATES_OF_WRITES: readonly (readonly [number, Fate])[] = [
  [3, 'request-lost'],
  [4, 'answer-lost'],
  [3, 'doubled'],
  [2, 'late'],
  [2, 'echoed'],
];

/** Nothing goes wrong; only the order is anyone's guess. */
export const calm: Profile = { name: 'calm', kills: false, fateOf: () => 'done' };

/** Chooses how the functions of a schedule are treated. */
export function chooseProfile(choices: Choices): Profile {
  return choices.weighted([
    [2, () => calm],
    [3, () => loseOneAnswerOfEachReceipt(choices)],
    [8, () => stormy(choices, choices.pick([0.05, 0.15, 0.35]))],
  ])();
}

/** Each attempt to put a receipt loses its answer once, after it was applied; nothing else goes wrong. */
function loseOneAnswerOfEachReceipt(choices: Choices): Profile {
  return {
    name: 'receipts lose an answer',
    kills: false,
    fateOf: ({ label, actor }) =>
      label === 'PutItem receipts' && actor.faults.length === 0 && choices.chance(0.8)
        ? 'answer-lost'
        : 'done',
  };
}

function stormy(choices: Choices, intensity: number): Profile {
  return {
    name: 'stormy',
    kills: true,
    fateOf: ({ kind, label }) => {
      if (!choices.chance(intensity)) return 'done';
      if (kind === 'read') return 'request-lost';
      const fate = choices.weighted(FATES_OF_WRITES);
      // The counter that is deployed knows its own repetition, which the one in memory does not.
      const isCountedTwice = label.startsWith('quota.') && (fate === 'doubled' || fate === 'echoed');
      return isCountedTwice ? 'done' : fate;
    },
  };
}
