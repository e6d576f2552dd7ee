import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from '../lambda/environment.ts';

/** Describes what Lambda gives a function. */
export interface FunctionSize {
  /** Memory also buys processor time in proportion. No function needs more than 128 MB for itself. */
  readonly memoryMb: number;
  /** The time after which Lambda ends an invocation. The function's own bounded calls should end before it. */
  readonly timeout: Duration;
}

/**
 * Sets the memory for functions that a person waits for, cold starts included. Most of a cold start is computing
 * (bench/README.md).
 */
const WAITED_FOR_MB = 1024;
/** Sets the memory for functions that only serve a queue. */
const QUEUED_MB = 512;

/** Limits the functions of the API, because API Gateway waits for 29 s. */
const LONGEST = Duration.seconds(28);

/**
 * Limits streams: API Gateway streams an answer for a quarter of an hour (API Gateway Developer Guide, "Stream the
 * integration response").
 */
export const LONGEST_STREAM = Duration.minutes(15);

/**
 * Sets the size of every function. Each service call takes at most 3 s, two attempts of 1.5 s
 * (lambda/adapters/client-settings.ts). A timeout is the time of all calls in sequence, and a little more for the rest.
 */
export const functionSizes: Readonly<Record<FunctionName, FunctionSize>> = {
  mint: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // Reads, signs, sends and records; five visibility timeouts must fit into a link's quarter of an hour.
  mail: { memoryMb: QUEUED_MB, timeout: Duration.seconds(25) },
  // At most a key and two reads.
  pages: { memoryMb: WAITED_FOR_MB, timeout: Duration.seconds(12) },
  redeem: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // A little less than API Gateway streams: a caller with a slow connection needs all of it.
  stream: { memoryMb: WAITED_FOR_MB, timeout: Duration.seconds(895) },
  links: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  renewals: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // One bounce takes seven calls, like a redemption.
  bounces: { memoryMb: QUEUED_MB, timeout: Duration.seconds(25) },
};
