import { setTimeout as pause } from 'node:timers/promises';

/** The time between two looks, in milliseconds. Without it, looking would keep the machine from its work. */
const LOOK_AGAIN_MS = 20;

/**
 * Looks until something exists and meets a condition, such as what a function writes after its answer was sent. There is no
 * limit but Jest's own timeout, so a busy machine does not fail a test.
 *
 * @returns what was seen when the condition held
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
