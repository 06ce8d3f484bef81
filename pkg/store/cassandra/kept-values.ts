/** Values that never change, by name; those not used for the longest time go when all together are too big. */
export class KeptValues<Value> {
  readonly #limit: number;
  readonly #values = new Map<string, { readonly value: Value; readonly bytes: number }>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(name: string): Value | undefined {
    const kept = this.#values.get(name);
    if (kept === undefined) return undefined;
    this.#values.delete(name);
    this.#values.set(name, kept);
    return kept.value;
  }

  keep(name: string, value: Value, bytes: number): void {
    if (bytes > this.#limit || this.#values.has(name)) return;
    this.#values.set(name, { value, bytes });
    this.#bytes += bytes;
    for (const [oldest, { bytes }] of this.#values) {
      if (this.#bytes <= this.#limit) return;
      this.#values.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
