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

function keySet(rowset: Rowset): KeySet {
  const hashes = hashKeys([...rowset.columns.values()], rowset.rows);
  return { rowset, hashes, chains: chainRows(hashes, undefined) };
}

/**
 * Drops rows whose key an earlier row of the same batch has: they can never win, so finish need not see them. Memory: the distinct
 * keys so far up to `limit` bytes; behind that, repeats of later keys are left to finish.
 */
export class LocalDistinct {
  private readonly components: readonly KeyComponent[];
  private readonly limit: number;
  /** Each set has at least twice as many keys as the next one, so that a key is entered few times. */
  private readonly sets: KeySet[] = [];
  private bytes = 0;

  constructor(components: readonly KeyComponent[], limit: number) {
    this.components = components;
    this.limit = limit;
  }

  /** The rows that may win, in order. */
  filter(rowset: Rowset): Rowset {
    if (rowset.rows === 0) return rowset;
    const keys = keyColumns(rowset, this.components);
    const hashes = hashKeys(keys, rowset.rows);
    let fresh = firstRows(keys, hashes);
    for (const set of this.sets) fresh = unseen(set, { keys, hashes }, fresh);
    this.remember(keys, fresh);
    return fresh.length === rowset.rows ? rowset : gatherRowset(rowset, fresh);
  }

  private remember(keys: readonly Column[], rows: Int32Array): void {
    if (rows.length === 0 || this.bytes > this.limit) return;
    const all = { rows: rows.length, columns: new Map(keys.map((key, at) => [String(at), key])) };
    let added = gatherRowset(all, rows);
    for (let last = this.sets.at(-1); last !== undefined; last = this.sets.at(-1)) {
      if (last.rowset.rows >= added.rows * 2) break;
      this.sets.pop();
      added = concatRowsets([last.rowset, added]);
    }
    this.sets.push(keySet(added));
    this.bytes = this.sets.reduce((sum, set) => sum + rowsetBytes(set.rowset), 0);
  }
}

/** Those of the rows whose key is not in the set. */
function unseen(
  set: KeySet,
  { keys, hashes }: { readonly keys: readonly Column[]; readonly hashes: Uint32Array },
  rows: Int32Array,
): Int32Array {
  const same = keyMatcher(keys, [...set.rowset.columns.values()]);
  const probe = { chains: set.chains, hashes: set.hashes, same };
  const fresh = new Int32Array(rows.length);
  let count = 0;
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] as number;
    if (findKey(probe, row, hashes[row] as number) < 0) fresh[count++] = row;
  }
  return fresh.subarray(0, count);
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
