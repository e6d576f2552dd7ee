import type { AccessRequest, Authorize } from '../../../laptop/src/access.ts';
import { type AuthorizerOptions, createAuthorizer } from '../../../laptop/src/iam/authorizer.ts';
import type { StackPolicies } from '../../../laptop/src/iam/stack-policies.ts';
import { type Call, type Permission, serviceOf, without } from './permission.ts';

/** Calls that are held until all of them have arrived, and only then allowed or denied. */
interface Barrier {
  readonly isFor: (request: AccessRequest) => boolean;
  readonly together: number;
  readonly waiting: (() => void)[];
}

interface Denied {
  /** The call made by the function, or by the poller of its queue. */
  readonly request: Call;
  /** The call that was denied: the same one, or one that a service made on the function's behalf. */
  readonly call: Call;
}

/** IAM under a test's control. The test can remove permissions while local mode runs. Records the calls of roles. */
export class Police {
  readonly calls: Call[] = [];
  #options: AuthorizerOptions | undefined;
  #decide: Authorize | undefined;
  #barrier: Barrier | undefined;
  readonly #denials = new Listeners<Denied>();
  readonly #asked = new Listeners<Call>();
  readonly #deciding = new Set<Promise<unknown>>();

  /** The authorizer to start local mode with. */
  readonly iam = (options: AuthorizerOptions): Authorize => {
    this.#options = options;
    this.restore();
    return async (request) => {
      await this.#meet(request);
      const [asked, ...others] = [request, ...options.implied(request)].flatMap((each) => this.#callOf(each));
      const decision = this.#decided(request);
      if (asked === undefined) return decision;
      for (const call of [asked, ...others]) this.#note(call);
      const told = this.#tellOfDenial(decision, [asked, ...others]);
      this.#deciding.add(told);
      await told;
      this.#deciding.delete(told);
      return decision;
    };
  };

  get policies(): StackPolicies {
    return this.#started.policies;
  }

  /** Removes permissions until `restore` is called. */
  remove(permissions: readonly Permission[]): void {
    this.#decide = createAuthorizer({ ...this.#started, policies: without(this.policies, permissions) });
  }

  /** Restores all permissions, and releases the held calls, because the calls that they wait for may never arrive. */
  restore(): void {
    this.#decide = createAuthorizer(this.#started);
    for (const pass of this.#barrier?.waiting ?? []) pass();
    this.#barrier = undefined;
  }

  /** Resolves to the next denial that matches. */
  nextDenial(isIt: (denied: Denied) => boolean): Promise<Denied> {
    return this.#denials.next(isIt);
  }

  /** Resolves when all pending calls are decided. */
  async quiet(): Promise<void> {
    while (this.#deciding.size > 0) await Promise.all(this.#deciding);
  }

  /** Resolves to the next call that matches, allowed or not. */
  nextCall(functionName: string, action: string): Promise<Call> {
    return this.#asked.next((call) => call.functionName === functionName && call.action === action);
  }

  /** Holds the next calls of this kind until this many have arrived, so that they race. */
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

  async #tellOfDenial(
    deciding: ReturnType<Authorize>,
    calls: readonly [request: Call, ...others: Call[]],
  ): Promise<void> {
    const decision = await deciding;
    if (decision.allowed) return;
    const call = calls.find(
      ({ action, resource }) => action === decision.action && resource === decision.resource,
    );
    if (call !== undefined) this.#denials.tell({ request: calls[0], call });
  }

  /** Returns a list with a function's call, or an empty list for an operator's call. */
  #callOf({ accessKeyId, action, resource, conditions }: AccessRequest): readonly Call[] {
    const principal = this.#started.accessKeys.principalOf(accessKeyId);
    if (principal?.kind !== 'role') return [];
    const via = serviceOf(conditions['kms:ViaService']);
    return [{ functionName: principal.name, action, resource, via, conditions }];
  }

  #note(call: Call): void {
    this.calls.push(call);
    this.#asked.tell(call);
  }
}

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
