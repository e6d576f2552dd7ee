/** Memory and time that Lambda gives a function. */
export interface FunctionSize {
  /** Lambda allocates processor time in proportion to memory, so this is more than the 128 MB that functions need. */
  readonly memoryMb: number;
  /**
   * The time after which Lambda ends an invocation: enough for all calls in sequence, and a little more. Each service
   * call takes at most 3 s, in two attempts of 1.5 s (lambda/adapters/client-settings.ts).
   */
  readonly timeoutSeconds: number;
}

/**
 * Size of a function that somebody waits for. Its memory shortens cold starts, which are mostly computing
 * (bench/README.md). Its timeout is shorter than the 29 s that API Gateway waits.
 */
export const WAITED_FOR: FunctionSize = { memoryMb: 1024, timeoutSeconds: 28 };

/** Size of a function that nobody waits for, because it serves a queue or a schedule. */
export const QUEUED: FunctionSize = { memoryMb: 512, timeoutSeconds: 25 };
