const BITS = 12;
const REGISTERS = 2 ** BITS;
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
const HASHES = 2 ** 32;

/** HyperLogLog over 32-bit hashes: how many different ones were seen, within about 2 %, in four kilobytes. */
export class DistinctEstimate {
  readonly #registers = new Uint8Array(REGISTERS);

  add(hashes: Uint32Array): void {
    for (const hash of hashes) {
      const register = hash >>> (32 - BITS);
      const rank = Math.clz32((hash << BITS) | (1 << (BITS - 1))) + 1;
      if (rank > (this.#registers[register] as number)) this.#registers[register] = rank;
    }
  }

  count(): number {
    let [sum, empty] = [0, 0];
    for (const rank of this.#registers) {
      sum += 2 ** -rank;
      if (rank === 0) empty += 1;
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum;
    // Few values: the share of empty registers says more. Many: different values have begun to share hashes.
    if (raw <= 2.5 * REGISTERS && empty > 0)
      return Math.round(REGISTERS * Math.log(REGISTERS / empty));
    return Math.round(raw <= HASHES / 30 ? raw : -HASHES * Math.log(1 - raw / HASHES));
  }
}
