import type { Clock } from '../domain/ports.ts';

interface TimingDependencies {
  readonly clock: Clock;
  /** Ends the wait at a moment, in milliseconds since 1970; injected, so that tests do not wait. */
  readonly waitUntil: (moment: number) => Promise<void>;
}

/**
 * How long every accepted request takes at least, in milliseconds: a little more than the slowest usual path, so
 * that the time tells no more of an address than the answer does.
 */
const MINIMUM_MILLISECONDS = 400;

/** Does the work, and returns no sooner than any other request would. */
export async function withConstantTiming<T>(
  { clock, waitUntil }: TimingDependencies,
  work: () => Promise<T>,
): Promise<T> {
  const end = clock().getTime() + MINIMUM_MILLISECONDS;
  const outcome = await work();
  await waitUntil(end);
  return outcome;
}
