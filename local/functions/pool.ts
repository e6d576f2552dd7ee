import { randomUUID } from 'node:crypto';
import { type FunctionDefinition, type Instance, type Outcome, startInstance } from './instance.ts';

/** A function, ready to be invoked. */
export interface RunningFunction {
  /** Hands it an event, which must be JSON, and waits for its answer. Never rejects. */
  invoke(event: unknown): Promise<Outcome>;
  /** Resolves once nothing is running any more and every instance is gone. */
  close(): Promise<void>;
}

/** How many instances of one function the laptop runs at a time; further events wait for one. */
const MAX_INSTANCES = 8;

/** Bytes of an event or an answer: what Lambda's error message names, a little over 6 MB. */
const MAX_PAYLOAD_BYTES = 6_291_556;

/** How long a stopping function may take to finish what it has begun. */
const GRACE_MS = 1500;

/** Runs a function in a pool of instances, which start when there is work and stay warm after it. */
export function runFunction(definition: FunctionDefinition): RunningFunction {
  const idle: Instance[] = [];
  const waiting: ((instance: Instance | 'stopping') => void)[] = [];
  const instances = new Set<Instance>();
  const running = new Set<Promise<Outcome>>();
  let closing = false;

  const start = (): Instance => {
    const instance = startInstance(definition);
    instances.add(instance);
    return instance;
  };
  const acquire = (): Instance | Promise<Instance | 'stopping'> => {
    // The one that was busy last: it is the warmest, as on Lambda.
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
      if (instance.isAlive()) return instance;
      instances.delete(instance);
    }
    return instances.size < MAX_INSTANCES ? start() : new Promise((resolve) => waiting.push(resolve));
  };
  const release = (instance: Instance): void => {
    if (!instance.isAlive()) instances.delete(instance);
    const next = waiting.shift();
    if (next !== undefined) next(instance.isAlive() ? instance : start());
    else if (instance.isAlive()) idle.push(instance);
  };
  const run = async (event: string): Promise<Outcome> => {
    const instance = await acquire();
    if (instance === 'stopping') return STOPPING;
    const outcome = await instance.invoke({ requestId: randomUUID(), event });
    release(instance);
    return bounded(outcome);
  };

  return {
    invoke: async (event) => {
      if (closing) return STOPPING;
      const json = JSON.stringify(event);
      if (Buffer.byteLength(json) > MAX_PAYLOAD_BYTES) return { kind: 'too-large' };
      const work = run(json);
      running.add(work);
      const outcome = await work;
      running.delete(work);
      return outcome;
    },
    close: async () => {
      closing = true;
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, GRACE_MS);
      await Promise.race([Promise.all(running), grace.promise]);
      clearTimeout(timer);
      for (const giveUp of waiting.splice(0)) giveUp('stopping');
      await Promise.all([...instances].map((instance) => instance.stop()));
      await definition.log.close();
    },
  };
}

const STOPPING: Outcome = {
  kind: 'failed',
  error: { errorType: 'Sandbox.Stopped', errorMessage: 'The laptop is stopping' },
};

function bounded(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answered' || Buffer.byteLength(outcome.payload) <= MAX_PAYLOAD_BYTES) return outcome;
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  };
  return { kind: 'failed', error };
}
