import { randomUUID } from 'node:crypto';
import { collectResponse } from './collect-response.ts';
import {
  type Ending,
  type FunctionDefinition,
  type Instance,
  type Outcome,
  startInstance,
} from './instance.ts';
import { ResponseBody } from './response-body.ts';

/** A function, run by a pool of instances. */
export interface RunningFunction {
  /** Invokes the function with an event and waits for its response, streamed or not. Never rejects. */
  invoke(event: unknown): Promise<Outcome>;
  /** Invokes the function with an event. The caller reads the response while the function writes it. Never throws. */
  invokeWithResponseStream(event: unknown): StreamedOutcome;
  /** Resolves once the function has finished handling all events, possibly some time after its last response. */
  idle(): Promise<void>;
  /** Stops all instances. Invocations in progress get a moment to finish. */
  close(): Promise<void>;
}

/**
 * A started invocation with a streamed response. The body fails if the function fails, and is empty if the function
 * returns its response instead of streaming it.
 */
export type StreamedOutcome =
  | { readonly kind: 'streaming'; readonly body: ResponseBody }
  /** The event exceeds Lambda's limit. */
  | { readonly kind: 'too-large' };

/**
 * Maximum number of instances of one function. Further events wait for a free instance. More instances would be no
 * faster, because they share one process, and each has to compile its code.
 */
const MAX_INSTANCES = 4;

/** Maximum size of an event or a response in bytes, as stated in Lambda's error message. */
const MAX_PAYLOAD_BYTES = 6_291_556;

/** Grace period for invocations in progress when a function is stopped, in milliseconds. */
const GRACE_MS = 1500;

/** Runs a function in a pool of instances, which start on demand and then stay warm. */
export function runFunction(definition: FunctionDefinition): RunningFunction {
  const free: Instance[] = [];
  const waiting: ((instance: Instance | 'stopping') => void)[] = [];
  const instances = new Set<Instance>();
  const running = new Set<Promise<Ending>>();
  let closing = false;

  const start = (): Instance => {
    const instance = startInstance(definition);
    instances.add(instance);
    return instance;
  };
  const acquire = (): Instance | Promise<Instance | 'stopping'> => {
    // As on Lambda, the most recently used instance is reused first.
    for (let instance = free.pop(); instance !== undefined; instance = free.pop()) {
      if (instance.isAlive()) return instance;
      instances.delete(instance);
    }
    return instances.size < MAX_INSTANCES ? start() : new Promise((resolve) => waiting.push(resolve));
  };
  const release = (instance: Instance): void => {
    if (!instance.isAlive()) instances.delete(instance);
    const next = waiting.shift();
    if (next !== undefined) next(instance.isAlive() ? instance : start());
    else if (instance.isAlive()) free.push(instance);
  };
  const run = async (event: string, body: ResponseBody): Promise<Ending> => {
    const instance = await acquire();
    if (instance === 'stopping') return stopped(body);
    const ending = await instance.invoke({ requestId: randomUUID(), event }, body);
    release(instance);
    return ending;
  };
  /** Starts to handle an event. Returns undefined if the event is too large. */
  const begin = (event: unknown) => {
    const json = JSON.stringify(event);
    if (Buffer.byteLength(json) > MAX_PAYLOAD_BYTES) return undefined;
    const body = new ResponseBody();
    const work = closing ? Promise.resolve(stopped(body)) : run(json, body);
    running.add(work);
    const ending = work.finally(() => running.delete(work));
    return { body, ending };
  };

  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all(running);
  };

  return {
    idle,
    invoke: async (event) => {
      const begun = begin(event);
      if (begun === undefined) return { kind: 'too-large' };
      const streamed = await collectResponse(begun.body, MAX_PAYLOAD_BYTES + 1);
      const ending = await begun.ending;
      return bounded(
        ending.kind === 'streamed' ? { kind: 'answered', payload: streamed.toString('utf8') } : ending,
      );
    },
    invokeWithResponseStream: (event) => {
      const begun = begin(event);
      return begun === undefined ? { kind: 'too-large' } : { kind: 'streaming', body: begun.body };
    },
    close: async () => {
      closing = true;
      const grace = Promise.withResolvers<void>();
      const timer = setTimeout(grace.resolve, GRACE_MS);
      await Promise.race([idle(), grace.promise]);
      clearTimeout(timer);
      for (const giveUp of waiting.splice(0)) giveUp('stopping');
      await Promise.all([...instances].map((instance) => instance.stop()));
      await definition.log.close();
    },
  };
}

function stopped(body: ResponseBody): Outcome {
  const error = { errorType: 'Sandbox.Stopped', errorMessage: 'Local mode is stopping' };
  body.destroy(new Error(error.errorMessage));
  return { kind: 'failed', error };
}

function bounded(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answered' || Buffer.byteLength(outcome.payload) <= MAX_PAYLOAD_BYTES) return outcome;
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
  };
  return { kind: 'failed', error };
}
