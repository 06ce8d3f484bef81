import { gatherVector, type Rowset, type Vector } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { evaluateField, type RowNames } from "./evaluate.ts";
import type { LeftBlock } from "./left-block.ts";
import { unmatchedValue } from "./lookup-code.ts";
import type { FieldCode } from "./node-code.ts";
import { leftRowNames, pairScope, type Pairs } from "./pair-scope.ts";
import type { PairWalk } from "./pair-walk.ts";
import type { NodeContext } from "./types.ts";
import { concatVectors, constantVector } from "./vectors.ts";

/** Fields of a portion of pairs, not grouped (spec/script.md 6.3, 6.4). */
export function flatFields(
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  right: Rowset,
  walk: Pick<PairWalk, "left" | "right" | "count" | "unmatched">,
): readonly Vector[] {
  const { count, unmatched } = walk;
  const pairs = { left: walk.left.subarray(0, count), right: walk.right.subarray(0, count) };
  const names = leftRowNames(context, block, pairs.left);
  const all = { scope: pairScope(block.rowset, right, pairs), rows: count, names };
  if (unmatched === 0)
    return context.code.fields.map((field) => evaluateField(field.expression, field.name, all));
  const portion = new MixedPortion(context, block, right, pairs);
  return context.code.fields.map((field) =>
    usesRight(field)
      ? portion.evaluate(field, unmatched)
      : evaluateField(field.expression, field.name, all),
  );
}

const usesRight = (field: FieldCode): boolean =>
  field.expression.inputs.some((input) => input.prefix === "l");

/** A portion with unmatched rows: fields that mention the right side are computed for the matched rows and default elsewhere. */
class MixedPortion {
  private readonly context: NodeContext<LookupNode>;
  private readonly block: LeftBlock;
  private readonly right: Rowset;
  private readonly pairs: Pairs;
  private matched:
    { readonly pairs: Pairs; readonly spread: Int32Array; readonly names: RowNames } | undefined;

  constructor(context: NodeContext<LookupNode>, block: LeftBlock, right: Rowset, pairs: Pairs) {
    this.context = context;
    this.block = block;
    this.right = right;
    this.pairs = pairs;
  }

  evaluate(field: FieldCode, unmatched: number): Vector {
    const value = unmatchedValue(field);
    const rows = this.pairs.left.length;
    if (unmatched === rows) return constantVector(field.type, value, rows);
    this.matched ??= this.matchedPairs(rows - unmatched);
    const { pairs, spread, names } = this.matched;
    const scope = pairScope(this.block.rowset, this.right, pairs);
    const computed = evaluateField(field.expression, field.name, {
      scope,
      rows: rows - unmatched,
      names,
    });
    return gatherVector(
      concatVectors(field.type, [computed, constantVector(field.type, value, 1)]),
      spread,
    );
  }

  private matchedPairs(count: number) {
    const { left, right } = this.pairs;
    const pairs = { left: new Int32Array(count), right: new Int32Array(count) };
    const spread = new Int32Array(left.length);
    let at = 0;
    for (let row = 0; row < left.length; row += 1) {
      const other = right[row] as number;
      spread[row] = other < 0 ? count : at;
      if (other < 0) continue;
      pairs.left[at] = left[row] as number;
      pairs.right[at] = other;
      at += 1;
    }
    return { pairs, spread, names: leftRowNames(this.context, this.block, pairs.left) };
  }
}
