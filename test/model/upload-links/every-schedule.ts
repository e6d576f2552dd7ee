import { setImmediate } from 'node:timers/promises';
import { intercept } from '../../support/intercept.ts';

/** A port call that waits for its turn, on behalf of one operation. */
interface Waiting {
  readonly operation: number;
  readonly proceed: () => void;
}

/** Runs the calls of several operations one at a time. A script of choices decides the order. */
export class Turns {
  readonly #waiting: Waiting[] = [];
  readonly #killed = new Set<number>();
  #killsLeft: number;

  constructor(kills: number) {
    this.#killsLeft = kills;
  }

  /** Wraps a port so that each call waits for its turn. The calls of a killed operation never happen. */
  wrap<Port extends object>(port: Port, operation: number): Port {
    return intercept(port, async ({ proceed }) => {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ operation, proceed: resolve });
      });
      return await proceed();
    });
  }

  /**
   * Follows a script to its end, and then always takes the first choice.
   *
   * @returns the number of choices at each step
   */
  async follow(script: readonly number[]): Promise<readonly number[]> {
    const choices: number[] = [];
    for (;;) {
      // All in-memory ports have responded when this resolves.
      await setImmediate();
      const alive = this.#waiting.filter(({ operation }) => !this.#killed.has(operation));
      if (alive.length === 0) return choices;
      const victims = this.#killsLeft > 0 ? [...new Set(alive.map(({ operation }) => operation))] : [];
      const chosen = script[choices.length] ?? 0;
      choices.push(alive.length + victims.length);
      const call = alive[chosen];
      if (call !== undefined) {
        this.#waiting.splice(this.#waiting.indexOf(call), 1);
        call.proceed();
      } else {
        this.#killsLeft -= 1;
        this.#killed.add(victims[chosen - alive.length] ?? -1);
      }
    }
  }

  isKilled(operation: number): boolean {
    return this.#killed.has(operation);
  }
}

/**
 * Runs a scenario under every schedule.
 *
 * @param run begins the operations, calls `follow`, and checks the outcome
 * @returns the number of schedules
 */
export async function everySchedule(
  kills: number,
  run: (turns: Turns, follow: () => Promise<void>) => Promise<void>,
): Promise<number> {
  let schedules = 0;
  const scripts: (readonly number[])[] = [[]];
  for (let script = scripts.pop(); script !== undefined; script = scripts.pop()) {
    const turns = new Turns(kills);
    let choices: readonly number[] = [];
    const current = script;
    await run(turns, async () => {
      choices = await turns.follow(current);
    });
    schedules += 1;
    for (let step = current.length; step < choices.length; step += 1) {
      const before = [...current, ...Array<number>(step - current.length).fill(0)];
      for (let other = 1; other < (choices[step] ?? 0); other += 1) scripts.push([...before, other]);
    }
  }
  return schedules;
}
