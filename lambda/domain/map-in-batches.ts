/** Maximum number of concurrent calls to a service. Stays within an SDK client's connection limit. */
const BATCH_SIZE = 20;

/**
 * Maps items concurrently, one batch at a time.
 *
 * @returns the outcomes, in the order of the items
 * @throws the error of the first item that failed, after its batch has ended
 */
export async function mapInBatches<Item, Outcome>(
  items: readonly Item[],
  work: (item: Item) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    const settled = await Promise.allSettled(items.slice(start, start + BATCH_SIZE).map(work));
    for (const one of settled) {
      if (one.status === 'rejected') throw one.reason;
      outcomes.push(one.value);
    }
  }
  return outcomes;
}
