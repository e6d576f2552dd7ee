import type { Clock } from '../../lambda/domain/ports.ts';

/** A clock that stands still until a test moves it. */
export class ManualClock {
  #milliseconds: number;

  constructor(start: Date) {
    this.#milliseconds = start.getTime();
  }

  readonly read: Clock = () => new Date(this.#milliseconds);

  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
  }

  moveTo(moment: Date): void {
    this.#milliseconds = moment.getTime();
  }
}
