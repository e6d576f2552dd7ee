import type { Outcome } from './schedule.ts';
import type { Fate, Step } from './scheduler.ts';
import type { Stage } from './stage.ts';

/** What can go wrong in a scenario: a limited number of faults and kills, and one advance of the clock. */
export interface Disturbances {
  readonly faults?: { readonly most: number; readonly fatesOf: (step: Step) => readonly Fate[] };
  readonly kills?: number;
  /** If set, the clock can advance once, by this many seconds. */
  readonly seconds?: number;
}

/** The parts shared by all scenarios about one area of the product. */
export interface Setting<W extends Stage> {
  readonly create: () => W;
  /**
   * Labels of calls that change nothing and read only data that never changes in a scenario. Their timing makes no
   * difference, so a scenario can let them happen immediately.
   */
  readonly quiet: ReadonlySet<string>;
  /** Returns a name for a state. Two states with the same name must have the same future. */
  readonly identify: (branch: Branch<W>) => string;
  /** Checks the rules that must hold in every state. */
  readonly afterStep: (world: W) => void;
  /** Checks the final state, and that everything works afterwards without faults. */
  readonly atEnd: (world: W) => Promise<void>;
}

/** Functions that run concurrently, and the conditions that must hold when all of them have ended. */
export interface Scenario<W extends Stage> extends Disturbances {
  readonly setting: Setting<W>;
  /** If set, the quiet calls of the setting happen immediately. By default, all calls wait for their turn. */
  readonly turns?: 'noticeable';
  /** Sets up the world and invokes the functions. */
  readonly begin: (world: W) => void | Promise<void>;
  /** Checks the final state, in addition to the rules for every scenario of its setting. */
  readonly judge?: (world: W) => void | Promise<void>;
  /** Returns a short description of how the schedule ended. A search counts schedules by this description. */
  readonly endingOf: (world: W) => string;
}

/** An event that can happen next. */
type Option = () => void | Promise<void>;

/** One schedule of a scenario, up to the current step. */
export class Branch<W extends Stage> {
  readonly world: W;
  /** The index of the option taken at each step. */
  readonly taken: number[] = [];
  readonly #scenario: Scenario<W>;
  #faults = 0;
  #kills = 0;
  #ticks = 0;

  private constructor(scenario: Scenario<W>) {
    this.#scenario = scenario;
    this.world = scenario.setting.create();
    this.world.skewSeconds = 0;
  }

  /** Starts a schedule. Every function then waits for the turn of its first call. */
  static async begin<W extends Stage>(scenario: Scenario<W>): Promise<Branch<W>> {
    const branch = new Branch(scenario);
    await scenario.begin(branch.world);
    await branch.world.scheduler.settle();
    await branch.#passQuietCalls();
    return branch;
  }

  /** The numbers of faults, kills, and advances of the clock so far. */
  get spent(): readonly number[] {
    return [this.#faults, this.#kills, this.#ticks];
  }

  /** Every event that can happen next. Empty at the end. */
  get options(): readonly Option[] {
    const { scheduler } = this.world;
    const { waiting, inFlight } = scheduler;
    const options: Option[] = waiting.map((step) => () => scheduler.run(step, 'done'));
    for (const step of inFlight) options.push(() => scheduler.land(step));
    // A call in flight may never arrive.
    if (waiting.length === 0 && inFlight.length > 0) options.push(() => scheduler.dropInFlight());
    return waiting.length === 0 ? options : [...options, ...this.#disturbances()];
  }

  async take(index: number): Promise<void> {
    const option = this.options[index];
    if (option === undefined) throw new RangeError(`Unknown option: ${index}`);
    this.taken.push(index);
    await option();
    await this.#passQuietCalls();
    this.#scenario.setting.afterStep(this.world);
  }

  /** Checks a finished schedule, and describes how it ended. */
  async end(): Promise<string> {
    const { world } = this;
    const ending = this.#scenario.endingOf(world);
    await this.#scenario.judge?.(world);
    await this.#scenario.setting.atEnd(world);
    return ending;
  }

  /** The outcome of the schedule so far. */
  get outcome(): Outcome {
    const { violation, trace, tally } = this.world;
    return { name: `interleaving ${this.taken.join()}`, violation, trace, tally };
  }

  async #passQuietCalls(): Promise<void> {
    if (this.#scenario.turns !== 'noticeable') return;
    const { scheduler } = this.world;
    const { quiet } = this.#scenario.setting;
    const next = () => scheduler.waiting.find(({ label }) => quiet.has(label));
    for (let step = next(); step !== undefined; step = next()) await scheduler.run(step, 'done');
  }

  #disturbances(): Option[] {
    const { world } = this;
    const { faults, kills = 0, seconds } = this.#scenario;
    const options: Option[] = [];
    if (faults !== undefined && this.#faults < faults.most) {
      for (const step of world.scheduler.waiting) {
        for (const fate of faults.fatesOf(step)) options.push(() => this.#fail(step, fate));
      }
    }
    if (this.#kills < kills) {
      // A killed function's calls never arrive. If one did, the schedule would be the same as one in which the call
      // comes before the kill.
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
