import { Branch, type Scenario } from './branch.ts';
import { fingerprint } from './fingerprint.ts';
import type { Outcome } from './schedule.ts';

/** What all schedules of a scenario came to. */
export interface Exploration {
  /** The first schedule in which a rule did not hold. */
  readonly broken: Outcome | undefined;
  /** How many schedules there are; each of them comes to one of the ends that were judged. */
  readonly schedules: bigint;
  /** How many different states they go through. */
  readonly states: number;
  /** How many schedules come to each kind of end. */
  readonly endings: ReadonlyMap<string, bigint>;
}

/** Tells states apart: two of one name must have the same future. */
export type Identify = (branch: Branch) => string;

/** Takes every schedule for itself, whatever it has in common with others. */
export const apart: Identify = ({ taken }) => taken.join();

/** A state, and where each thing leads that may happen in it. */
interface State {
  readonly next: State[];
  readonly ending?: string;
}

/**
 * Runs every schedule of a scenario: whatever may happen next, happens. Of schedules that meet in one state only one is
 * run on from there; they are counted all the same.
 */
export async function explore(scenario: Scenario, identify: Identify = fingerprint): Promise<Exploration> {
  const states = new Map<string, State>();
  const origin: State = { next: [] };
  const untried: (readonly number[])[] = [[]];
  for (let script = untried.pop(); script !== undefined; script = untried.pop()) {
    const branch = await Branch.begin(scenario);
    let [from, slot] = [origin, 0];
    for (const choice of script) {
      [from, slot] = [stateIn(from, slot), choice];
      await branch.take(choice);
    }
    for (;;) {
      if (branch.outcome.violation !== undefined) return failure(branch, states.size);
      const name = identify(branch);
      const met = states.get(name);
      const { length: ways } = branch.options;
      const state = met ?? (ways === 0 ? { next: [], ending: await branch.end() } : { next: [] });
      if (branch.outcome.violation !== undefined) return failure(branch, states.size);
      from.next[slot] = state;
      if (met !== undefined) break;
      states.set(name, state);
      if (ways === 0) break;
      for (let other = 1; other < ways; other += 1) untried.push([...branch.taken, other]);
      [from, slot] = [state, 0];
      await branch.take(0);
    }
  }
  const endings = endingsFrom(stateIn(origin, 0), new Map());
  const schedules = [...endings.values()].reduce((total, count) => total + count, 0n);
  return { broken: undefined, schedules, states: states.size, endings };
}

function failure({ outcome }: Branch, states: number): Exploration {
  return { broken: outcome, schedules: 0n, states, endings: new Map() };
}

function stateIn({ next }: State, slot: number): State {
  const state = next[slot];
  if (state === undefined) throw new RangeError('a schedule led elsewhere when it was run again');
  return state;
}

type Endings = ReadonlyMap<string, bigint>;

/** How many ways lead from a state to each kind of end. */
function endingsFrom(state: State, counted: Map<State, Endings>): Endings {
  const before = counted.get(state);
  if (before !== undefined) return before;
  const endings = new Map<string, bigint>();
  if (state.ending !== undefined) endings.set(state.ending, 1n);
  for (const next of state.next) {
    for (const [ending, ways] of endingsFrom(next, counted)) {
      endings.set(ending, (endings.get(ending) ?? 0n) + ways);
    }
  }
  counted.set(state, endings);
  return endings;
}
