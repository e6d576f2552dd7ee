/** Describes what Lambda gives a function. */
export interface FunctionSize {
  /** Memory also buys processor time in proportion. No function needs more than 128 MB for itself. */
  readonly memoryMb: number;
  /**
   * The time after which Lambda ends an invocation. Each service call takes at most 3 s, two attempts of 1.5 s
   * (lambda/adapters/client-settings.ts). A timeout is the time of all calls in sequence, and a little more for the rest.
   */
  readonly timeoutSeconds: number;
}

/**
 * Sizes a function that somebody waits for, cold starts included. Most of a cold start is computing (bench/README.md).
 * API Gateway waits for 29 s.
 */
export const WAITED_FOR: FunctionSize = { memoryMb: 1024, timeoutSeconds: 28 };

/** Sizes a function that only serves a queue, where nobody waits. */
export const QUEUED: FunctionSize = { memoryMb: 512, timeoutSeconds: 25 };
