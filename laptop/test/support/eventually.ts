import { setTimeout as pause } from 'node:timers/promises';

/** Polling interval in milliseconds. Without a pause, polling would slow down the code under test. */
const LOOK_AGAIN_MS = 20;

/**
 * Polls until a value exists and meets a condition. For example, a test can wait for data that a function writes after
 * it has responded. It waits without a time limit, so that tests do not fail on a busy computer.
 *
 * @returns the first value that meets the condition
 */
export async function eventually<Seen>(
  look: () => Promise<Seen | undefined>,
  holds: (seen: Seen) => boolean = () => true,
): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (seen !== undefined && holds(seen)) return seen;
    await pause(LOOK_AGAIN_MS);
  }
}
