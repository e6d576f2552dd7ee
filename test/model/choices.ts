/**
 * The random choices of one schedule. They depend only on the seed, so that a schedule can be run again. The generator
 * is Mulberry32, which is small and random enough for this.
 */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns an integer from 0 up to but not including `limit`. */
  below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  /** Returns true with this probability. */
  chance(probability: number): boolean {
    return this.#fraction() < probability;
  }

  /** Returns a random item. @throws RangeError if there are none */
  pick<T>(items: readonly T[]): T {
    const index = this.below(items.length);
    if (index >= items.length) throw new RangeError('There are no items to pick from');
    return items[index] as T;
  }

  /** Returns a random item with a probability proportional to its weight. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let left = this.#fraction() * items.reduce((total, [weight]) => total + weight, 0);
    for (const [weight, item] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    throw new RangeError('Every weight is 0');
  }

  shuffled<T>(items: readonly T[]): readonly T[] {
    const rest = [...items];
    const order: T[] = [];
    while (rest.length > 0) order.push(...rest.splice(this.below(rest.length), 1));
    return order;
  }

  #fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }
}
