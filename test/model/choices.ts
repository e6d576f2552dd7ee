/**
 * The choices of one schedule: a function of its seed and of nothing else, so that a schedule can be run again.
 * Mulberry32: small, and random enough to choose by.
 */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, and never, `limit`. */
  below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.#fraction() < probability;
  }

  /** One of these. @throws RangeError when there are none */
  pick<T>(items: readonly T[]): T {
    const index = this.below(items.length);
    if (index >= items.length) throw new RangeError('nothing to pick from');
    return items[index] as T;
  }

  /** One of these, the likelier the greater its weight; those of weight 0 never. */
  weighted<T>(items: readonly (readonly [weight: number, item: T])[]): T {
    let left = this.#fraction() * items.reduce((total, [weight]) => total + weight, 0);
    for (const [weight, item] of items) {
      left -= weight;
      if (left < 0) return item;
    }
    throw new RangeError('every weight is 0');
  }

  /** The same items in some order. */
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
