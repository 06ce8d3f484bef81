/** A source of choices that is the same for the same seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    this.#step();
  }

  /** mulberry32, from 0 to below 1. */
  #step(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.#step() * (most - least + 1));
  }

  /** True in so many of a hundred cases. */
  chance(percent: number): boolean {
    return this.#step() * 100 < percent;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.whole(0, items.length - 1)] as Item;
  }

  times<Item>(count: number, make: (at: number) => Item): Item[] {
    return Array.from({ length: count }, (_, at) => make(at));
  }

  /** Some of the items, each once, in random order. */
  some<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    return this.times(Math.min(count, left.length), () => {
      const [taken] = left.splice(this.whole(0, left.length - 1), 1);
      return taken as Item;
    });
  }
}
