const BITS = 8;

/** A set of row numbers, one bit for each up to the highest. */
export class RowBits {
  #bits = new Uint8Array(1024);

  has(row: number): boolean {
    return (((this.#bits[row >> 3] ?? 0) >> (row % BITS)) & 1) === 1;
  }

  add(row: number): void {
    const at = row >> 3;
    if (at >= this.#bits.length) {
      const more = new Uint8Array(Math.max(at + 1, this.#bits.length * 2));
      more.set(this.#bits);
      this.#bits = more;
    }
    this.#bits[at] = (this.#bits[at] as number) | (1 << (row % BITS));
  }
}
