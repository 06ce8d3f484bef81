import { hashKeys, keyColumns, type Column, type Rowset } from "#pkg/rowset";
import type { KeyComponent } from "#pkg/script";

/** Left rows of a lookup with their keys. */
export interface LeftBlock {
  readonly rowset: Rowset;
  readonly keys: readonly Column[];
  readonly hashes: Uint32Array;
  /** Visible position of a row in the left table. */
  readonly numberOf: (row: number) => number;
  /** 1 where a right row matched so far. */
  readonly matched: Uint8Array;
  /** 1 where the left row has left at least one row in the target. */
  readonly alive: Uint8Array;
}

export function leftBlock(
  rowset: Rowset,
  components: readonly KeyComponent[],
  numberOf: (row: number) => number,
): LeftBlock {
  const keys = keyColumns(rowset, components);
  const { rows } = rowset;
  const flags = (): Uint8Array => new Uint8Array(rows);
  return { rowset, keys, hashes: hashKeys(keys, rows), numberOf, matched: flags(), alive: flags() };
}
