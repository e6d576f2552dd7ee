import { Branch, type Scenario } from './branch.ts';
import type { Outcome } from './schedule.ts';
import type { Stage } from './stage.ts';

/** The outcome of all schedules of a scenario. */
export interface Exploration {
  /** The first schedule that violated a rule. */
  readonly broken: Outcome | undefined;
  /** The number of schedules. Each leads to an ending that was checked. */
  readonly schedules: bigint;
  /** The number of distinct states that the schedules go through. */
  readonly states: number;
  /** The number of schedules for each result of `endingOf`. */
  readonly endings: ReadonlyMap<string, bigint>;
}

/** Returns a unique name for every state, so that no schedules are merged. */
export const uniqueName = ({ taken }: { readonly taken: readonly number[] }): string => taken.join();

/** A state, and the states to which its options lead. */
interface State {
  readonly next: State[];
  readonly ending?: string;
}

/** The state that a branch came from, and the option that it took there. */
interface Step {
  readonly from: State;
  readonly way: number;
}

/**
 * Runs every schedule of a scenario, by taking every option in every state. If several schedules reach the same state,
 * only one continues from there, but all of them are counted.
 */
export async function explore<W extends Stage>(
  scenario: Scenario<W>,
  identify: (branch: Branch<W>) => string = scenario.setting.identify,
): Promise<Exploration> {
  const states = new Map<string, State>();
  const origin: State = { next: [] };
  const untried: (readonly number[])[] = [[]];
  for (let script = untried.pop(); script !== undefined; script = untried.pop()) {
    const branch = await Branch.begin(scenario);
    let step: Step | undefined = await follow(branch, origin, script);
    while (step !== undefined) {
      const name = branch.outcome.violation ? '' : identify(branch);
      const known = states.get(name);
      const state = known ?? (await newState(branch));
      if (branch.outcome.violation !== undefined) {
        return { broken: branch.outcome, schedules: 0n, states: states.size, endings: new Map() };
      }
      step.from.next[step.way] = state;
      states.set(name, state);
      const ways = known === undefined ? branch.options.length : 0;
      for (let other = 1; other < ways; other += 1) untried.push([...branch.taken, other]);
      if (ways > 0) await branch.take(0);
      step = ways > 0 ? { from: state, way: 0 } : undefined;
    }
  }
  const endings = endingsFrom(stateAfter({ from: origin, way: 0 }), new Map());
  const schedules = [...endings.values()].reduce((total, count) => total + count, 0n);
  return { broken: undefined, schedules, states: states.size, endings };
}

/** Replays a branch to a known state, and takes the next unexplored option. */
async function follow<W extends Stage>(
  branch: Branch<W>,
  origin: State,
  script: readonly number[],
): Promise<Step> {
  let step: Step = { from: origin, way: 0 };
  for (const way of script) {
    step = { from: stateAfter(step), way };
    await branch.take(way);
  }
  return step;
}

/** Returns a new state. If nothing more can happen in this state, checks the finished schedule. */
async function newState<W extends Stage>(branch: Branch<W>): Promise<State> {
  if (branch.outcome.violation !== undefined || branch.options.length > 0) return { next: [] };
  return { next: [], ending: await branch.end() };
}

function stateAfter({ from, way }: Step): State {
  const state = from.next[way];
  if (state === undefined) throw new RangeError('A schedule took different steps when it was run again');
  return state;
}

type Endings = ReadonlyMap<string, bigint>;

/** Returns the number of schedules that lead from a state to each ending. */
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
