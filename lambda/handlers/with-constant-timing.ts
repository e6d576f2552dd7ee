import type { Clock } from '../domain/ports.ts';

export interface TimingDependencies {
  readonly clock: Clock;
  /** Waits until the given time, in milliseconds since 1970. Injected so that tests do not wait. */
  readonly waitUntil: (moment: number) => Promise<void>;
}

/**
 * Minimum duration of every accepted request, in milliseconds. It is slightly longer than the slowest common path, so
 * the timing reveals no more about an address than the response does.
 */
const MINIMUM_MILLISECONDS = 400;

/** Does the work, and returns once the minimum duration has passed. */
export async function withConstantTiming<T>(
  { clock, waitUntil }: TimingDependencies,
  work: () => Promise<T>,
): Promise<T> {
  const end = clock().getTime() + MINIMUM_MILLISECONDS;
  const outcome = await work();
  await waitUntil(end);
  return outcome;
}
