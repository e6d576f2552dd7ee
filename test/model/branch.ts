import { redeem } from './attempts.ts';
import { Choices } from './choices.ts';
import { drain } from './moves.ts';
import { calm } from './profiles.ts';
import { type Entry, trueState } from './referee.ts';
import { judgeBalance, judgeRest } from './rules-at-rest.ts';
import type { Outcome } from './schedule.ts';
import type { Fate, Step } from './scheduler.ts';
import { World } from './world.ts';

/** What may go wrong in the schedules of a scenario, and how often at most in one of them. */
export interface Mischief {
  readonly faults?: { readonly most: number; readonly fatesOf: (step: Step) => readonly Fate[] };
  readonly kills?: number;
  /** The clock goes on by so many seconds, once. */
  readonly seconds?: number;
}

/**
 * Calls that change nothing and read what nothing in a scenario changes. When they happen makes no difference to anyone,
 * so a scenario may let them happen at once.
 */
const QUIET: ReadonlySet<string> = new Set(['keys.keyFor', 'files.head', 'files.presign', 'pseudonyms.of']);

/** Some functions that are invoked at once, and what must be true when they have come to their ends. */
export interface Scenario extends Mischief {
  /** Which calls wait for their turn: all of them when left out, or those that others can notice. */
  readonly turns?: 'noticeable';
  /** Sets up what is there and invokes the functions. */
  readonly begin: (world: World) => void | Promise<void>;
  /** Judges the last state, beyond what is judged of any. */
  readonly judge?: (world: World) => void | Promise<void>;
  /** What the last states are told apart by in the account of a search. */
  readonly endingOf: (world: World) => string;
}

/** Something that may happen next. */
type Option = () => void | Promise<void>;

const BEGINNING = new Date('2031-05-17T10:20:30Z');

/** One schedule of a scenario, as far as it has come. */
export class Branch {
  readonly world = new World(new Choices(1), calm, BEGINNING);
  /** Which of the options was taken at each point. */
  readonly taken: number[] = [];
  readonly #scenario: Scenario;
  #faults = 0;
  #kills = 0;
  #ticks = 0;

  private constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.world.skewSeconds = 0;
  }

  /** Begins a schedule: every function waits for the turn of its first call. */
  static async begin(scenario: Scenario): Promise<Branch> {
    const branch = new Branch(scenario);
    await scenario.begin(branch.world);
    await branch.world.scheduler.settle();
    await branch.#passQuietCalls();
    return branch;
  }

  /** What went wrong already, and may not once more. */
  get spent(): readonly number[] {
    return [this.#faults, this.#kills, this.#ticks];
  }

  /** All that may happen next; nothing at the end. */
  get options(): readonly Option[] {
    const { scheduler } = this.world;
    const { waiting, inFlight } = scheduler;
    const options: Option[] = waiting.map((step) => () => scheduler.run(step, 'done'));
    for (const step of inFlight) options.push(() => scheduler.land(step));
    // What nobody waits for any more need not ever arrive.
    if (waiting.length === 0 && inFlight.length > 0) options.push(() => scheduler.dropInFlight());
    return waiting.length === 0 ? options : [...options, ...this.#mischief()];
  }

  /** Lets one of the options happen. */
  async take(index: number): Promise<void> {
    const option = this.options[index];
    if (option === undefined) throw new RangeError(`there is no option ${index}`);
    this.taken.push(index);
    await option();
    await this.#passQuietCalls();
    judgeBalance(this.world);
  }

  /** Judges a schedule that has come to its end, and tries every token once more. */
  async end(): Promise<string> {
    const { world } = this;
    const ending = this.#scenario.endingOf(world);
    await this.#scenario.judge?.(world);
    judgeRest(world);
    for (const entry of world.referee.entries) await tryOnceMore(world, entry);
    return ending;
  }

  /** The schedule as it can be told. */
  get outcome(): Outcome {
    const { referee, trace, tally } = this.world;
    return { name: `interleaving ${this.taken.join()}`, violation: referee.violation, trace, tally };
  }

  async #passQuietCalls(): Promise<void> {
    if (this.#scenario.turns !== 'noticeable') return;
    const { scheduler } = this.world;
    const next = () => scheduler.waiting.find(({ label }) => QUIET.has(label));
    for (let step = next(); step !== undefined; step = next()) await scheduler.run(step, 'done');
  }

  #mischief(): Option[] {
    const { world } = this;
    const { faults, kills = 0, seconds } = this.#scenario;
    const options: Option[] = [];
    if (faults !== undefined && this.#faults < faults.most) {
      for (const step of world.scheduler.waiting) {
        for (const fate of faults.fatesOf(step)) options.push(() => this.#fail(step, fate));
      }
    }
    if (this.#kills < kills) {
      // A call of its that arrives all the same is another schedule: the call first, then the end of its caller.
      for (const actor of world.running) options.push(() => this.#kill(actor));
    }
    if (seconds !== undefined && this.#ticks === 0) options.push(() => this.#tick(seconds));
    return options;
  }

  async #fail(step: Step, fate: Fate): Promise<void> {
    this.#faults += 1;
    await this.world.scheduler.run(step, fate);
  }

  #kill(actor: Step['actor']): void {
    this.#kills += 1;
    this.world.scheduler.kill(actor, () => false);
  }

  #tick(seconds: number): void {
    this.#ticks += 1;
    this.world.time.advance(seconds);
    this.world.note(`${seconds} s pass`);
  }
}

/** A live token opens the file, and any other does not. */
export async function tryOnceMore(world: World, entry: Entry): Promise<void> {
  const state = trueState(entry, world.now);
  world.files.reinstate(entry.record.asset);
  const attempt = redeem(world, entry);
  await drain(world);
  const opened = entry.winner === attempt;
  if (opened !== (state === 'live')) {
    world.referee.violate('the records agree', `${entry.name} is ${state}, and opens the file: ${opened}`);
  }
}
