import {
  concatRowsets,
  gatherRowset,
  hashKeys,
  keyColumns,
  keyMatcher,
  type Column,
  type Rowset,
} from "#pkg/rowset";
import type { KeyComponent } from "#pkg/script";
import { rowsetBytes } from "#pkg/table";
import { chainRows, emptyChains, findKey, type HashChains } from "./hash-chains.ts";

interface KeySet {
  readonly rowset: Rowset;
  readonly hashes: Uint32Array;
  readonly chains: HashChains;
}

/**
 * Drops rows whose key an earlier row of the same batch has: they can never win, so finish need not see them. Memory: the distinct
 * keys so far up to `limit` bytes; behind that, repeats of later keys are left to finish.
 */
export class LocalDistinct {
  private readonly components: readonly KeyComponent[];
  private readonly limit: number;
  private seen: KeySet | undefined;

  constructor(components: readonly KeyComponent[], limit: number) {
    this.components = components;
    this.limit = limit;
  }

  /** The rows that may win, in order. */
  filter(rowset: Rowset): Rowset {
    if (rowset.rows === 0) return rowset;
    const keys = keyColumns(rowset, this.components);
    const hashes = hashKeys(keys, rowset.rows);
    const fresh = this.unseen(keys, hashes, firstRows(keys, hashes));
    this.remember(keys, fresh);
    return fresh.length === rowset.rows ? rowset : gatherRowset(rowset, fresh);
  }

  private unseen(keys: readonly Column[], hashes: Uint32Array, rows: Int32Array): Int32Array {
    if (this.seen === undefined) return rows;
    const { rowset, chains, hashes: known } = this.seen;
    const same = keyMatcher(keys, [...rowset.columns.values()]);
    const has = (row: number): boolean =>
      findKey({ chains, hashes: known, same }, row, hashes[row] as number) >= 0;
    return rows.filter((row) => !has(row));
  }

  private remember(keys: readonly Column[], rows: Int32Array): void {
    const known = this.seen?.rowset;
    if (rows.length === 0 || (known !== undefined && rowsetBytes(known) > this.limit)) return;
    const all = { rows: rows.length, columns: new Map(keys.map((key, at) => [String(at), key])) };
    const added = gatherRowset(all, rows);
    const rowset = known === undefined ? added : concatRowsets([known, added]);
    const hashes = hashKeys([...rowset.columns.values()], rowset.rows);
    this.seen = { rowset, hashes, chains: chainRows(hashes, undefined) };
  }
}

/** First row of each key, ascending. */
function firstRows(keys: readonly Column[], hashes: Uint32Array): Int32Array {
  const chains = emptyChains(hashes.length);
  const probe = { chains, hashes, same: keyMatcher(keys, keys) };
  const rows = new Int32Array(hashes.length);
  let count = 0;
  for (let row = 0; row < hashes.length; row += 1) {
    const hash = hashes[row] as number;
    if (findKey(probe, row, hash) >= 0) continue;
    chains.next[row] = chains.heads[hash & chains.mask] as number;
    chains.heads[hash & chains.mask] = row;
    rows[count++] = row;
  }
  return rows.subarray(0, count);
}
