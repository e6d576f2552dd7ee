/** A pending call to a method of a port. */
export interface PortCall {
  readonly method: string;
  readonly args: readonly unknown[];
  /** Makes the call. A handler can skip or repeat the call. */
  readonly proceed: () => Promise<unknown>;
}

/** Wraps a port so that a function handles each of its calls. */
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

/** Wraps a port so that its calls are recorded as `name.method`, in the order in which they start. */
export function noted<Port extends object>(port: Port, name: string, calls: string[]): Port {
  return intercept(port, ({ method, proceed }) => {
    calls.push(`${name}.${method}`);
    return proceed();
  });
}

/** How a call fails: it is not applied, or it is applied but its response is lost. */
export type Fault = {
  readonly lose: 'request' | 'response';
  readonly error: Error;
  /** The number of calls that fail before later ones succeed. @default all calls fail */
  readonly times?: number;
};

/** Wraps a port so that one of its methods fails. */
export function faulty<Port extends object>(
  port: Port,
  faultyMethod: keyof Port & string,
  { lose, error, times = Number.POSITIVE_INFINITY }: Fault,
): Port {
  let left = times;
  return intercept(port, async ({ method, proceed }) => {
    if (method !== faultyMethod || left === 0) return proceed();
    left -= 1;
    if (lose === 'response') await proceed();
    throw error;
  });
}

/** Wraps the ports among dependencies. Class instances are ports. Plain objects and arrays are settings. */
export function wrapPorts<Deps extends object>(
  deps: Deps,
  wrap: (port: object, name: string) => object,
): Deps {
  const isPort = (value: unknown): value is object =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) !== Object.prototype;
  return Object.fromEntries(
    Object.entries(deps).map(([name, value]) => [name, isPort(value) ? wrap(value, name) : value]),
  ) as Deps;
}
