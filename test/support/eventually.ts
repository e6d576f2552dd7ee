/** How long between two looks, and how long in all, in milliseconds. */
const LOOK_AGAIN_MS = 20;
const WITHIN_MS = 10_000;

/**
 * Looks until something holds, as for what a function still notes after its answer has gone out.
 *
 * @returns what was seen last, for the test to judge: it holds, or the time is up
 */
export async function eventually<Seen>(
  look: () => Promise<Seen>,
  holds: (seen: Seen) => boolean,
): Promise<Seen> {
  const until = performance.now() + WITHIN_MS;
  for (;;) {
    const seen = await look();
    if (holds(seen) || performance.now() > until) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
