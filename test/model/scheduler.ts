import { setImmediate } from 'node:timers/promises';
import type { Invoked } from './actor.ts';
import type { Choices } from './choices.ts';

/**
 * The fate of a call: it happens, it never arrives, it happens but its response is lost, it happens twice as if the SDK
 * retried, it happens after its caller has given up, or it happens now and again later.
 */
export type Fate = 'done' | 'request-lost' | 'response-lost' | 'doubled' | 'late' | 'echoed';

/** A port call that waits for its turn. */
export interface Step {
  readonly actor: Invoked;
  readonly label: string;
  /** Reads can be lost, but not doubled or delayed. */
  readonly kind: 'read' | 'write';
  readonly apply: () => Promise<unknown>;
  /** The error that the caller sees if it gets no response. */
  readonly fault: () => Error;
}

/** Receives lines for the trace, and outcomes to count. */
export interface Log {
  note(line: string): void;
  count(what: string): void;
}

interface Waiting extends Step {
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs functions one call at a time. The driver of the schedule decides whose call comes next and what its fate is.
 * Between two calls, all code that does not wait for a call runs.
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

  get waiting(): readonly Step[] {
    return this.#waiting;
  }

  /** The calls that can still arrive, although their callers no longer wait for them. */
  get inFlight(): readonly Step[] {
    return this.#inFlight;
  }

  /** Queues a port call. The promise settles after the call has had its turn, or never. */
  submit(step: Step): Promise<unknown> {
    // A killed function sends no more calls and gets no responses.
    if (step.actor.state === 'killed') return new Promise(() => undefined);
    return new Promise((resolve, reject) => this.#waiting.push({ ...step, resolve, reject }));
  }

  /** Gives a random waiting call its turn. */
  async step(fateOf: (step: Step) => Fate): Promise<void> {
    const step = this.#choices.pick(this.#waiting);
    await this.run(step, fateOf(step));
  }

  /** Gives this waiting call its turn. */
  async run(step: Step, fate: Fate): Promise<void> {
    const waiting = this.#waiting.find((other) => other === step);
    if (waiting === undefined) throw new RangeError(`${step.label} is not waiting`);
    this.#waiting = this.#waiting.filter((other) => other !== step);
    await this.#execute(waiting, fate);
    await this.settle();
  }

  /** Lets a random call in flight arrive. */
  async landAny(): Promise<void> {
    await this.land(this.#choices.pick(this.#inFlight));
  }

  /** Lets this call in flight arrive. */
  async land(step: Step): Promise<void> {
    this.#inFlight = this.#inFlight.filter((other) => other !== step);
    this.#log.note(`${step.actor.name} ${step.label}: arrives late`);
    this.#log.count('arrives late');
    await ignoringRefusal(step);
    await this.settle();
  }

  /**
   * Kills a function between two steps. Each call that it has sent is either lost or executed later.
   *
   * @param arrives returns whether a call is executed later. By default, this is random.
   */
  kill(actor: Invoked, arrives: (step: Step) => boolean = () => this.#choices.chance(0.5)): void {
    actor.state = 'killed';
    this.#log.count('killed');
    const [sent, others] = split(this.#waiting, (step) => step.actor === actor);
    this.#waiting = others;
    this.#log.note(
      `${actor.name} is killed before ${sent.map(({ label }) => label).join(' and ') || 'it can answer'}`,
    );
    this.#inFlight.push(...sent.filter((step) => step.kind === 'write' && arrives(step)));
  }

  /** Kills a random waiting function. */
  killAny(): void {
    this.kill(this.#choices.pick(this.#waiting).actor);
  }

  /** Drops all calls in flight, because no request outlives its function by much. */
  dropInFlight(): void {
    this.#inFlight = [];
  }

  /** Runs everything that is not waiting for a call. */
  async settle(): Promise<void> {
    await setImmediate();
  }

  #hear({ actor, label }: Step, response: unknown): void {
    actor.heard.push({ label, response, at: actor.clock() });
  }

  async #execute(step: Waiting, fate: Fate): Promise<void> {
    this.#log.count(fate);
    this.#log.note(`${step.actor.name} ${step.label}${fate === 'done' ? '' : `: ${fate}`}`);
    if (fate === 'request-lost' || fate === 'response-lost' || fate === 'late') {
      step.actor.faults.push(step.label);
      if (fate === 'response-lost') await ignoringRefusal(step);
      if (fate === 'late') this.#inFlight.push(step);
      const fault = step.fault();
      this.#hear(step, fault.name);
      step.reject(fault);
      return;
    }
    if (fate === 'doubled') await ignoringRefusal(step);
    if (fate === 'echoed') this.#inFlight.push(step);
    try {
      const response = await step.apply();
      this.#hear(step, response);
      step.resolve(response);
    } catch (error) {
      this.#hear(step, error instanceof Error ? error.name : 'an error');
      step.reject(error);
    }
  }
}

/** Executes a call, and ignores the response, even the error of a failed condition. */
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
