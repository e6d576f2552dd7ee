/** One call of a port's method, before it happens. */
export interface PortCall {
  readonly method: string;
  readonly args: readonly unknown[];
  /** Lets the call happen; may be left out, or done more than once. */
  readonly proceed: () => Promise<unknown>;
}

/** The same port, with something done around every call of it. */
export function intercept<Port extends object>(
  port: Port,
  around: (call: PortCall) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function' || typeof key !== 'string') return member;
      return (...args: unknown[]) =>
        around({ method: key, args, proceed: async () => Reflect.apply(member, target, args) });
    },
  });
}

/** Notes every call as `name.method`, in the order in which they begin. */
export function noted<Port extends object>(port: Port, name: string, calls: string[]): Port {
  return intercept(port, ({ method, proceed }) => {
    calls.push(`${name}.${method}`);
    return proceed();
  });
}

/** How a call goes wrong: before anything happened, or after it happened and the answer was lost. */
export type Fault = {
  readonly lose: 'request' | 'answer';
  readonly error: Error;
  /** How many calls go wrong before the rest go well; all of them when absent. */
  readonly times?: number;
};

/** The same port, one of whose methods goes wrong. */
export function faulty<Port extends object>(
  port: Port,
  faultyMethod: keyof Port & string,
  { lose, error, times = Number.POSITIVE_INFINITY }: Fault,
): Port {
  let left = times;
  return intercept(port, async ({ method, proceed }) => {
    if (method !== faultyMethod || left === 0) return proceed();
    left -= 1;
    if (lose === 'answer') await proceed();
    throw error;
  });
}
