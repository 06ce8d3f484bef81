import { Fault } from "#pkg/fault";
import { gatherColumn, type Rowset, type Vector } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import type { RowNames, Scope } from "./evaluate.ts";
import type { LeftBlock } from "./left-block.ts";
import type { NodeContext } from "./types.ts";

/** Row positions of both sides, one pair a row. */
export interface Pairs {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/** r.* and l.* of pairs; a column is gathered when it is first asked for. */
export function pairScope(left: Rowset, right: Rowset, pairs: Pairs): Scope {
  const gathered = new Map<string, Vector>();
  return (prefix, name) => {
    const key = `${prefix}.${name}`;
    const known = gathered.get(key);
    if (known !== undefined) return known;
    const column = (prefix === "r" ? left : right).columns.get(name);
    if (column === undefined) throw new Fault("INTERNAL", `no column ${key} in the lookup`);
    const vector = gatherColumn(column, prefix === "r" ? pairs.left : pairs.right);
    gathered.set(key, vector);
    return vector;
  };
}

/** Names a produced row by its left row. */
export const leftRowNames = (
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  left: Int32Array,
): RowNames => ({
  node: context.node.name,
  describe: (row) => {
    const number = block.numberOf(left[row] as number);
    const { table } = context.node.reader;
    return { text: `row ${number + 1} of table ${table}`, facts: { table, tableRow: number } };
  },
});
