import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from '../lambda/environment.ts';

/** What Lambda gives a function. */
export interface FunctionSize {
  /** Memory buys processor time in proportion. No function needs more than 128 MB of it for itself. */
  readonly memoryMb: number;
  /** The time after which Lambda ends an invocation: its own bounded calls should end it before. */
  readonly timeout: Duration;
}

/** A person waits, cold starts included, and most of a cold start is computing (bench/README.md). */
const WAITED_FOR_MB = 1024;
/** Nobody waits for what comes from a queue. */
const QUEUED_MB = 512;

/** API Gateway waits for 29 s: the most that a function of the API may take. */
const LONGEST = Duration.seconds(28);

/** API Gateway streams an answer for a quarter of an hour (API Gateway Developer Guide, "Stream the integration response"). */
export const LONGEST_STREAM = Duration.minutes(15);

/**
 * The size of every function. Each call to a service takes at most 3 s, two attempts of 1.5 s
 * (lambda/adapters/client-settings.ts); a timeout is three times the calls in a row, and some for the rest.
 */
export const functionSizes: Readonly<Record<FunctionName, FunctionSize>> = {
  mint: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // Looks, signs, sends and notes; five visibility timeouts must fit into a link's quarter of an hour.
  mail: { memoryMb: QUEUED_MB, timeout: Duration.seconds(25) },
  // At most a key and two looks.
  pages: { memoryMb: WAITED_FOR_MB, timeout: Duration.seconds(12) },
  redeem: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // A little less than API Gateway streams: a caller with a slow line needs all of it.
  stream: { memoryMb: WAITED_FOR_MB, timeout: Duration.seconds(895) },
  links: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  aftercare: { memoryMb: WAITED_FOR_MB, timeout: LONGEST },
  // One bounce: seven calls, as a redemption.
  bounces: { memoryMb: QUEUED_MB, timeout: Duration.seconds(25) },
};
