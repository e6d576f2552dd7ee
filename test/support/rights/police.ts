import type { AccessRequest, Authorize, Denial } from '../../../local/access.ts';
import { type AuthorizerOptions, createAuthorizer } from '../../../local/iam/authorizer.ts';
import type { StackPolicies } from '../../../local/iam/stack-policies.ts';
import { type Call, type Right, serviceOf, without } from './right.ts';

/** Calls that wait for each other before any of them is decided. */
interface Barrier {
  readonly isFor: (request: AccessRequest) => boolean;
  readonly together: number;
  readonly waiting: (() => void)[];
}

/** IAM in the hands of a test: rights come and go while the laptop runs, and every question is noted. */
export class Police {
  readonly calls: Call[] = [];
  #options: AuthorizerOptions | undefined;
  #decide: Authorize | undefined;
  #barrier: Barrier | undefined;
  readonly #denials = new Listeners<Denial>();
  readonly #asked = new Listeners<Call>();

  /** For `startLocal`. */
  readonly iam = (options: AuthorizerOptions): Authorize => {
    const implied = (request: AccessRequest): readonly AccessRequest[] => {
      const calls = options.implied(request);
      for (const call of [request, ...calls]) this.#note(call);
      return calls;
    };
    this.#options = { ...options, implied };
    this.restore();
    return async (request) => {
      await this.#meet(request);
      const decision = await this.#decided(request);
      if (!decision.allowed) this.#denials.tell(decision);
      return decision;
    };
  };

  get policies(): StackPolicies {
    return this.#started.policies;
  }

  /** Takes rights away, until all are given back. */
  remove(rights: readonly Right[]): void {
    this.#decide = createAuthorizer({ ...this.#started, policies: without(this.policies, rights) });
  }

  restore(): void {
    this.#decide = createAuthorizer(this.#started);
  }

  /** Resolves to the first denial from now on that a test waits for. */
  nextDenial(isIt: (denial: Denial) => boolean): Promise<Denial> {
    return this.#denials.next(isIt);
  }

  /** Resolves to the first call from now on that a test waits for, allowed or not. */
  nextCall(functionName: string, action: string): Promise<Call> {
    return this.#asked.next((call) => call.functionName === functionName && call.action === action);
  }

  /** Lets the next calls of this kind through only once there are so many, so that their senders race. */
  holdTogether(together: number, isFor: Barrier['isFor']): void {
    this.#barrier = { isFor, together, waiting: [] };
  }

  get #started(): AuthorizerOptions {
    if (this.#options === undefined) throw new Error('not started');
    return this.#options;
  }

  #decided(request: AccessRequest): ReturnType<Authorize> {
    if (this.#decide === undefined) throw new Error('not started');
    return this.#decide(request);
  }

  async #meet(request: AccessRequest): Promise<void> {
    const barrier = this.#barrier;
    if (barrier?.isFor(request) !== true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    barrier.waiting.push(resolve);
    if (barrier.waiting.length === barrier.together) {
      this.#barrier = undefined;
      for (const pass of barrier.waiting) pass();
    }
    await promise;
  }

  #note({ accessKeyId, action, resource, conditions }: AccessRequest): void {
    const principal = this.#started.accessKeys.principalOf(accessKeyId);
    if (principal?.kind !== 'role') return;
    const via = serviceOf(conditions['kms:ViaService']);
    const call = { functionName: principal.name, action, resource, via };
    this.calls.push(call);
    this.#asked.tell(call);
  }
}

/** Who waits for something to happen. */
class Listeners<Event> {
  readonly #waiting = new Set<(event: Event) => void>();

  tell(event: Event): void {
    for (const hear of this.#waiting) hear(event);
  }

  async next(isIt: (event: Event) => boolean): Promise<Event> {
    const heard = Promise.withResolvers<Event>();
    const hear = (event: Event): void => {
      if (isIt(event)) heard.resolve(event);
    };
    this.#waiting.add(hear);
    const event = await heard.promise;
    this.#waiting.delete(hear);
    return event;
  }
}
