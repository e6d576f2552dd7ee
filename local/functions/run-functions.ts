import type { DefinedFunction } from './define-functions.ts';
import type { Outcome } from './instance.ts';
import { runFunction } from './pool.ts';

/** The functions of the stack, ready to be invoked. */
export interface RunningFunctions {
  /** Invokes one by its ARN or short name. */
  invoke(arnOrName: string, event: unknown): Promise<Outcome>;
  /** Lets what has begun come to an end, for a moment, and stops every instance. */
  close(): Promise<void>;
}

/** Runs every function in its own pool. */
export function runFunctions(defined: readonly DefinedFunction[]): RunningFunctions {
  const functions = defined.map((each) => ({ ...each, running: runFunction(each.definition) }));
  return {
    invoke: (arnOrName, event) =>
      functions
        .find(({ arn, shortName }) => arn === arnOrName || shortName === arnOrName)
        ?.running.invoke(event) ??
      Promise.resolve({
        kind: 'failed',
        error: { errorType: 'ResourceNotFoundException', errorMessage: `Function not found: ${arnOrName}` },
      }),
    close: async () => {
      await Promise.all(functions.map(({ running }) => running.close()));
    },
  };
}
