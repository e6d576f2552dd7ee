import type { DefinedFunction } from './define-functions.ts';
import type { Outcome } from './instance.ts';
import { runFunction, type StreamedOutcome } from './pool.ts';
import { ResponseBody } from './response-body.ts';

/** The stack's functions. Each can be invoked by its ARN or short name. */
export interface RunningFunctions {
  /** Invokes a function and waits for its response. */
  invoke(arnOrName: string, event: unknown): Promise<Outcome>;
  /** Invokes a function. The caller reads the response while the function writes it. */
  invokeWithResponseStream(arnOrName: string, event: unknown): StreamedOutcome;
  /** Resolves once a function has finished handling all events, possibly some time after its last response. */
  idle(arnOrName: string): Promise<void>;
  /** Stops all functions. Invocations in progress have a moment to finish. */
  close(): Promise<void>;
}

/** Creates a pool of instances for each function. */
export function runFunctions(defined: readonly DefinedFunction[]): RunningFunctions {
  const functions = defined.map((each) => ({ ...each, running: runFunction(each.definition) }));
  const find = (arnOrName: string) =>
    functions.find(({ arn, shortName }) => arn === arnOrName || shortName === arnOrName)?.running;
  return {
    invoke: (arnOrName, event) => find(arnOrName)?.invoke(event) ?? Promise.resolve(notFound(arnOrName)),
    invokeWithResponseStream: (arnOrName, event) =>
      find(arnOrName)?.invokeWithResponseStream(event) ?? {
        kind: 'streaming',
        body: new ResponseBody().destroy(new Error(`Function not found: ${arnOrName}`)),
      },
    idle: async (arnOrName) => {
      await find(arnOrName)?.idle();
    },
    close: async () => {
      await Promise.all(functions.map(({ running }) => running.close()));
    },
  };
}

const notFound = (arnOrName: string): Outcome => ({
  kind: 'failed',
  error: { errorType: 'ResourceNotFoundException', errorMessage: `Function not found: ${arnOrName}` },
});
