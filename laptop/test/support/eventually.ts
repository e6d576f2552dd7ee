import { setTimeout as pause } from 'node:timers/promises';

/** How long between two looks, in milliseconds: looking must not keep the machine from what is looked for. */
const LOOK_AGAIN_MS = 20;

/**
 * Looks until something is there, and holds, as for what a function still notes after its answer has gone out. However busy the
 * machine is, what must come comes; a test whose wait is in vain ends at Jest's own timeout.
 *
 * @returns what was seen when it held
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
