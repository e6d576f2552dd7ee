import { setImmediate } from 'node:timers/promises';
import type { Actor } from './actor.ts';
import type { Choices } from './choices.ts';

/**
 * What becomes of a call: it happens; it never arrives; it happens and its answer is lost; it happens twice, as when
 * the SDK retries; it happens only after the caller has given up on it; it happens and once more later.
 */
export type Fate = 'done' | 'request-lost' | 'answer-lost' | 'doubled' | 'late' | 'echoed';

/** One call of a port that waits for its turn. */
export interface Step {
  readonly actor: Actor;
  readonly label: string;
  /** Reads can be lost, but not doubled or late. */
  readonly kind: 'read' | 'write';
  /** Makes the call happen. */
  readonly apply: () => Promise<unknown>;
  /** What the caller sees when it is not answered. */
  readonly fault: () => Error;
}

/** Is told what happens: a line for the trace, and what to count. */
export interface Log {
  note(line: string): void;
  count(what: string): void;
}

interface Waiting extends Step {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs functions one call at a time. Whose call comes next, and what becomes of it, is decided by whoever drives the
 * schedule; between two calls everything that can run has run.
 */
export class Scheduler {
  readonly #choices: Choices;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #inFlight: Step[] = [];

  constructor(choices: Choices, log: Log) {
    this.#choices = choices;
    this.#log = log;
  }

  /** The calls that wait for their turn. */
  get waiting(): readonly Step[] {
    return this.#waiting;
  }

  /** The calls under way that nobody waits for any more. */
  get inFlight(): readonly Step[] {
    return this.#inFlight;
  }

  /** Queues a call of a port; answers when its turn has come, or never. */
  submit(step: Step): Promise<unknown> {
    // A function that was killed sends nothing more, and hears nothing.
    if (step.actor.state === 'killed') return new Promise(() => undefined);
    return new Promise((resolve, reject) => this.#waiting.push({ ...step, resolve, reject }));
  }

  /** Lets one of the waiting calls have its turn. */
  async step(fateOf: (step: Step) => Fate): Promise<void> {
    const step = this.#choices.pick(this.#waiting);
    await this.run(step, fateOf(step));
  }

  /** Lets this waiting call have its turn. */
  async run(step: Step, fate: Fate): Promise<void> {
    const waiting = this.#waiting.find((other) => other === step);
    if (waiting === undefined) throw new RangeError(`${step.label} does not wait`);
    this.#waiting = this.#waiting.filter((other) => other !== step);
    await this.#execute(waiting, fate);
    await this.settle();
  }

  /** Lets one of the calls under way arrive. */
  async landAny(): Promise<void> {
    await this.land(this.#choices.pick(this.#inFlight));
  }

  /** Lets this call, which is under way, arrive. */
  async land(step: Step): Promise<void> {
    this.#inFlight = this.#inFlight.filter((other) => other !== step);
    this.#log.note(`${step.actor.name} ${step.label}: arrives late`);
    this.#log.count('arrives late');
    await ignoringRefusal(step);
    await this.settle();
  }

  /**
   * Ends a function between two steps. What it had sent may be lost, or happen all the same.
   *
   * @param arrives which of its calls happen; chosen when left out
   */
  kill(actor: Actor, arrives: (step: Step) => boolean = () => this.#choices.chance(0.5)): void {
    actor.state = 'killed';
    this.#log.count('killed');
    const [sent, others] = split(this.#waiting, (step) => step.actor === actor);
    this.#waiting = others;
    this.#log.note(
      `${actor.name} is killed before ${sent.map(({ label }) => label).join(' and ') || 'it can answer'}`,
    );
    this.#inFlight.push(...sent.filter((step) => step.kind === 'write' && arrives(step)));
  }

  /** Kills one of the functions that wait. */
  killAny(): void {
    this.kill(this.#choices.pick(this.#waiting).actor);
  }

  /** Drops what is under way for too long: no request outlives the function that sent it by much. */
  dropInFlight(): void {
    this.#inFlight = [];
  }

  /** Lets everything run that does not wait for a call. */
  async settle(): Promise<void> {
    await setImmediate();
  }

  #hear({ actor, label }: Step, answer: unknown): void {
    actor.heard.push({ label, answer, at: actor.clock() });
  }

  async #execute(step: Waiting, fate: Fate): Promise<void> {
    this.#log.count(fate);
    this.#log.note(`${step.actor.name} ${step.label}${fate === 'done' ? '' : `: ${fate}`}`);
    if (fate === 'request-lost' || fate === 'answer-lost' || fate === 'late') {
      step.actor.faults.push(step.label);
      if (fate === 'answer-lost') await ignoringRefusal(step);
      if (fate === 'late') this.#inFlight.push(step);
      const fault = step.fault();
      this.#hear(step, fault.name);
      step.reject(fault);
      return;
    }
    if (fate === 'doubled') await ignoringRefusal(step);
    if (fate === 'echoed') this.#inFlight.push(step);
    try {
      const answer = await step.apply();
      this.#hear(step, answer);
      step.resolve(answer);
    } catch (error) {
      this.#hear(step, error instanceof Error ? error.name : 'an error');
      step.reject(error);
    }
  }
}

/** Makes a call happen whose answer nobody gets. */
async function ignoringRefusal(step: Step): Promise<void> {
  try {
    await step.apply();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
  }
}

function split<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [items.filter(belongs), items.filter((item) => !belongs(item))];
}
