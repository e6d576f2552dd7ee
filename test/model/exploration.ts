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

/** Where a branch has come from: the state, and which of the ways on from there it took. */
interface Step {
  readonly from: State;
  readonly way: number;
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
    let step: Step | undefined = await follow(branch, origin, script);
    while (step !== undefined) {
      const name = branch.outcome.violation ? '' : identify(branch);
      const met = states.get(name);
      const state = met ?? (await meet(branch));
      if (branch.outcome.violation !== undefined) {
        return { broken: branch.outcome, schedules: 0n, states: states.size, endings: new Map() };
      }
      step.from.next[step.way] = state;
      states.set(name, state);
      const ways = met === undefined ? branch.options.length : 0;
      for (let other = 1; other < ways; other += 1) untried.push([...branch.taken, other]);
      if (ways > 0) await branch.take(0);
      step = ways > 0 ? { from: state, way: 0 } : undefined;
    }
  }
  const endings = endingsFrom(stateAfter({ from: origin, way: 0 }), new Map());
  const schedules = [...endings.values()].reduce((total, count) => total + count, 0n);
  return { broken: undefined, schedules, states: states.size, endings };
}

/** Takes a branch to where another left off, and through the one step that nobody has taken yet. */
async function follow(branch: Branch, origin: State, script: readonly number[]): Promise<Step> {
  let step: Step = { from: origin, way: 0 };
  for (const way of script) {
    step = { from: stateAfter(step), way };
    await branch.take(way);
  }
  return step;
}

/** A state that no branch has been in; one in which nothing more can happen is judged. */
async function meet(branch: Branch): Promise<State> {
  if (branch.outcome.violation !== undefined || branch.options.length > 0) return { next: [] };
  return { next: [], ending: await branch.end() };
}

function stateAfter({ from, way }: Step): State {
  const state = from.next[way];
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
