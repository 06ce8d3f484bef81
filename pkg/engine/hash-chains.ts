import type { KeyMatcher } from "#pkg/rowset";

/**
 * Chained hash over rows in typed arrays; keys themselves are compared by the caller.
 */
export interface HashChains {
  /** First entered row of a bucket, or -1; bucket = hash & mask. */
  readonly heads: Int32Array;
  /** Next entered row of the same bucket, or -1. */
  readonly next: Int32Array;
  readonly mask: number;
}

export function emptyChains(rows: number): HashChains {
  let size = 16;
  while (size < rows) size *= 2;
  return {
    heads: new Int32Array(size).fill(-1),
    next: new Int32Array(rows).fill(-1),
    mask: size - 1,
  };
}

/** All rows (those with flag 1 when flags are given); chains run in ascending row order. */
export function chainRows(hashes: Uint32Array, flags: Uint8Array | undefined): HashChains {
  const chains = emptyChains(hashes.length);
  const { heads, next, mask } = chains;
  for (let row = hashes.length - 1; row >= 0; row -= 1) {
    if (flags !== undefined && flags[row] === 0) continue;
    const bucket = (hashes[row] as number) & mask;
    next[row] = heads[bucket] as number;
    heads[bucket] = row;
  }
  return chains;
}

export interface Probe {
  readonly chains: HashChains;
  readonly hashes: Uint32Array;
  readonly same: KeyMatcher;
}

/** The entered row with the key of `row`, or -1. */
export function findKey({ chains, hashes, same }: Probe, row: number, hash: number): number {
  const { heads, next, mask } = chains;
  let other = heads[hash & mask] as number;
  while (other >= 0 && !(hashes[other] === hash && same(row, other))) other = next[other] as number;
  return other;
}
