import type { Clock, Counter, Quota, Taken } from '../../lambda/domain/ports.ts';

/** In-memory counters. A window starts with its first request, and ends early if all its requests are refunded. */
export class MemoryQuota implements Quota {
  readonly #clock: Clock;
  readonly #windows = new Map<string, { hits: number; readonly endsAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async take(counter: Counter): Promise<Taken> {
    const taken = this.#room(counter);
    if (!taken.taken) return taken;
    const now = this.#now();
    const open = this.#openWindow(counter, now) ?? { hits: 0, endsAt: now + counter.windowSeconds };
    open.hits += amountOf(counter);
    this.#windows.set(counter.name, open);
    return taken;
  }

  async look(counter: Counter): Promise<Taken> {
    return this.#room(counter);
  }

  async refund(counter: Counter): Promise<void> {
    const open = this.#openWindow(counter, this.#now());
    const amount = amountOf(counter);
    if (open !== undefined && open.hits >= amount) open.hits -= amount;
  }

  /** Returns the sum of all current counters with this name prefix. */
  countOf(namePrefix: string): number {
    let count = 0;
    for (const [name, { hits, endsAt }] of this.#windows) {
      if (name.startsWith(namePrefix) && endsAt > this.#now()) count += hits;
    }
    return count;
  }

  #room(counter: Counter): Taken {
    const { limit, windowSeconds } = counter;
    const amount = amountOf(counter);
    if (amount > limit) return { taken: false, retryAfterSeconds: windowSeconds };
    const now = this.#now();
    const open = this.#openWindow(counter, now);
    return open === undefined || open.hits + amount <= limit
      ? { taken: true }
      : { taken: false, retryAfterSeconds: open.endsAt - now };
  }

  #openWindow(counter: Counter, now: number): { hits: number; readonly endsAt: number } | undefined {
    const window = this.#windows.get(counter.name);
    return window !== undefined && window.endsAt > now && window.hits > 0 ? window : undefined;
  }

  #now(): number {
    return Math.floor(this.#clock().getTime() / 1000);
  }
}

const amountOf = ({ amount = 1 }: Counter): number => amount;
