/** A stored value as a Map key: numbers of any form, text of strings. */
export type Scalar = number | bigint | string;

export interface FrequentValue {
  readonly value: Scalar;
  /** At least so many rows; at most `error` more. */
  readonly rows: number;
}

/**
 * Rows of each value, exact while there are at most `limit` different ones; beyond that the most frequent ones with a bound
 * on what was missed (Misra and Gries, in portions). Memory: twice `limit` values.
 */
export class FrequentValues {
  readonly #counts = new Map<Scalar, number>();
  readonly #limit: number;
  #error = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(value: Scalar, rows: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + rows);
    if (this.#counts.size > 2 * this.#limit) this.#forget();
  }

  /** The count of the first value that has no place any more is taken from all. */
  #forget(): void {
    const counts = Float64Array.from(this.#counts.values()).sort();
    const least = counts[counts.length - this.#limit - 1] as number;
    this.#error += least;
    for (const [value, rows] of this.#counts) {
      if (rows > least) this.#counts.set(value, rows - least);
      else this.#counts.delete(value);
    }
  }

  /** Rows that any value may have beyond what is told; 0: everything is exact. */
  get error(): number {
    return this.#error;
  }

  /** Different values, when nothing was forgotten. */
  get distinct(): number | undefined {
    return this.#error === 0 ? this.#counts.size : undefined;
  }

  /** The most frequent first, equal ones in the order they were met. */
  top(most: number): readonly FrequentValue[] {
    return [...this.#counts]
      .map(([value, rows]) => ({ value, rows }))
      .sort((a, b) => b.rows - a.rows)
      .slice(0, most);
  }
}
