import { hashKeys, keyColumns, type Column, type Rowset } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { chainRows, type HashChains } from "./hash-chains.ts";
import { filterRight, type FailingRows } from "./lookup-filter.ts";
import { rowsetBytes } from "#pkg/table";
import type { NodeContext } from "./types.ts";

/** Right rows in row order, ready to be probed. */
export interface RightSide {
  readonly rowset: Rowset;
  readonly keys: readonly Column[];
  readonly hashes: Uint32Array;
  readonly chains: HashChains;
  /** Rows of which the filter cannot tell whether they match; undefined when there are none. */
  readonly failing: FailingRows | undefined;
  readonly bytes: number;
}

export function buildRightSide(context: NodeContext<LookupNode>, rowset: Rowset): RightSide {
  const keys = keyColumns(rowset, context.node.lookup.components);
  const hashes = hashKeys(keys, rowset.rows);
  const { flags, failing } = filterRight(context, rowset);
  const chains = chainRows(hashes, flags);
  const own = hashes.byteLength + chains.heads.byteLength + chains.next.byteLength;
  const bytes = rowsetBytes(rowset) + own + (failing?.flags.byteLength ?? 0);
  return { rowset, keys, hashes, chains, failing, bytes };
}
