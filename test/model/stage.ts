import { type EpochSeconds, epochSeconds } from '../../lambda/domain/ids.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { MemoryQuota } from '../support/memory-quota.ts';
import type { Invoked } from './actor.ts';
import type { Choices } from './choices.ts';
import type { Profile } from './profiles.ts';
import { Scheduler } from './scheduler.ts';
import type { Violation } from './violation.ts';

/** Seconds by which the clock of an invocation can be off. */
export const CLOCK_SKEW_SECONDS = 2;

export interface TraceLine {
  readonly at: Date;
  readonly what: string;
}

/** The base class of the model's worlds: time, functions that take turns, and the trace of one schedule. */
export abstract class Stage<A extends Invoked = Invoked> {
  readonly choices: Choices;
  readonly profile: Profile;
  readonly trace: TraceLine[] = [];
  readonly tally = new Map<string, number>();
  readonly time: ManualClock;
  readonly scheduler: Scheduler;
  readonly quota: MemoryQuota;
  skewSeconds = CLOCK_SKEW_SECONDS;
  readonly #actors: A[] = [];

  constructor(choices: Choices, profile: Profile, beginning: Date) {
    this.choices = choices;
    this.profile = profile;
    this.time = new ManualClock(beginning);
    this.scheduler = new Scheduler(choices, this);
    this.quota = new MemoryQuota(this.time.read);
  }

  abstract get violation(): Violation | undefined;

  get now(): EpochSeconds {
    return epochSeconds(this.time.read());
  }

  /** The functions that have neither finished nor been killed. */
  get running(): readonly A[] {
    return this.#actors.filter(({ state }) => state === 'running');
  }

  /** Every invocation so far, in order. */
  get actors(): readonly A[] {
    return this.#actors;
  }

  /** Starts an invocation whose clock may be slightly wrong. */
  protected enter(operation: string, about: string, complete: (invoked: Invoked) => A): A {
    const skew = (this.choices.below(2 * this.skewSeconds + 1) - this.skewSeconds) * 1000;
    const actor = complete({
      name: `${operation}#${this.#actors.length + 1} ${about}`,
      clock: () => new Date(this.time.read().getTime() + skew),
      startedAt: this.time.read(),
      faults: [],
      heard: [],
      state: 'running',
    });
    this.#actors.push(actor);
    this.count(operation);
    this.note(`${actor.name} begins`);
    return actor;
  }

  /** Adds a line to the trace. */
  note(line: string): void {
    this.trace.push({ at: this.time.read(), what: line });
  }

  /** Counts an outcome that schedules should reach. */
  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }
}
