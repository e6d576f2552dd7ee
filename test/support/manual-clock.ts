import type { Clock } from '../../lambda/domain/ports.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock {
  #milliseconds: number;

  constructor(start: Date) {
    this.#milliseconds = start.getTime();
  }

  /** The clock as the domain takes it. */
  readonly read: Clock = () => new Date(this.#milliseconds);

  /** Moves on by this many seconds. */
  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
  }

  /** Moves to a moment. */
  moveTo(moment: Date): void {
    this.#milliseconds = moment.getTime();
  }
}
