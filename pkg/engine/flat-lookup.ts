import { withoutTraces, type Fault } from "#pkg/fault";
import { gatherVector, type Rowset, type Vector } from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { evaluateField, type Block, type RowNames } from "./evaluate.ts";
import type { LeftBlock } from "./left-block.ts";
import { unmatchedValue } from "./lookup-code.ts";
import type { FieldCode } from "./node-code.ts";
import { leftRowNames, pairScope, type Pairs } from "./pair-scope.ts";
import type { PairWalk } from "./pair-walk.ts";
import { addFailures, isRowFault, rowsWithout } from "./failing-rows.ts";
import { composed } from "./finish-rows.ts";
import type { FailingRows } from "./lookup-filter.ts";
import type { RightSide } from "./right-side.ts";
import { rowsAt } from "./row-lists.ts";
import type { NodeContext } from "./types.ts";
import { concatVectors, constantVector } from "./vectors.ts";

type Portion = Pick<PairWalk, "left" | "right" | "count" | "unmatched">;

export interface FlatRows {
  readonly vectors: readonly Vector[];
  /** Left row of each row. */
  readonly left: Int32Array;
  /** Position in the portion of each row; undefined: all of them. */
  readonly rows: Int32Array | undefined;
  /** By position in the portion. */
  readonly failed: ReadonlyMap<number, Fault>;
}

const NONE: ReadonlyMap<number, Fault> = new Map();

/** Fields of a portion of pairs; with `rejects` the pairs for which the filter or a field fails are set aside. */
export function flatRows(
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  { rowset: right, failing }: Pick<RightSide, "rowset" | "failing">,
  { walk, rejects }: { readonly walk: Portion; readonly rejects: boolean },
): FlatRows {
  const failed = undecidedPairs(walk, failing, rejects);
  if (failed.size === 0) return decidedRows(context, block, right, { walk, rejects });
  const rows = rowsWithout(walk.count, failed);
  const decided = decidedRows(context, block, right, { walk: partOf(walk, rows), rejects });
  for (const [row, fault] of decided.failed) failed.set(rows[row] as number, fault);
  return { ...decided, rows: composed(rows, decided.rows), failed };
}

/** Pairs whose right row fails the filter; without `rejects` the first of them throws its fault. */
function undecidedPairs(
  { right, count }: Portion,
  failing: FailingRows | undefined,
  rejects: boolean,
): Map<number, Fault> {
  const failed = new Map<number, Fault>();
  if (failing === undefined) return failed;
  return withoutTraces(() => {
    for (let at = 0; at < count; at += 1) {
      const row = right[at] as number;
      if (row < 0 || failing.flags[row] === 0) continue;
      const fault = failing.faultOf(row);
      if (!rejects) throw fault;
      failed.set(at, fault);
    }
    return failed;
  });
}

function partOf(walk: Portion, rows: Int32Array): Portion {
  const right = rowsAt(walk.right, rows);
  const unmatched = right.filter((row) => row < 0).length;
  return { left: rowsAt(walk.left, rows), right, count: rows.length, unmatched };
}

function decidedRows(
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  right: Rowset,
  { walk, rejects }: { readonly walk: Portion; readonly rejects: boolean },
): FlatRows {
  try {
    const vectors = flatFields(context, block, right, walk);
    return { vectors, left: walk.left.subarray(0, walk.count), rows: undefined, failed: NONE };
  } catch (error) {
    if (!rejects || !isRowFault(error)) throw error;
    const failed = withoutTraces(() => failingPairs(context, block, right, walk));
    const rows = rowsWithout(walk.count, failed);
    const part = partOf(walk, rows);
    const vectors = flatFields(context, block, right, part);
    return { vectors, left: part.left, rows, failed };
  }
}

/** A field that mentions the right side has a default where there is no match, so only matched pairs can fail for it. */
function failingPairs(
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  right: Rowset,
  walk: Portion,
): ReadonlyMap<number, Fault> {
  const every = Int32Array.from({ length: walk.count }, (_, row) => row);
  const matched = every.filter((row) => (walk.right[row] as number) >= 0);
  const blockOf = (rows: Int32Array): Block => {
    const pairs = {
      left: Int32Array.from(rows, (row) => walk.left[row] as number),
      right: Int32Array.from(rows, (row) => walk.right[row] as number),
    };
    const names = leftRowNames(context, block, pairs.left);
    return { scope: pairScope(block.rowset, right, pairs), rows: rows.length, names };
  };
  const [all, pairs] = [blockOf(every), blockOf(matched)];
  const failed = new Map<number, Fault>();
  for (const field of context.code.fields) {
    const own = new Map<number, Fault>();
    const rows = usesRight(field) ? matched : every;
    addFailures(
      own,
      { expression: field.expression, field: field.name },
      usesRight(field) ? pairs : all,
    );
    for (const [row, fault] of own) {
      const pair = rows[row] as number;
      if (!failed.has(pair)) failed.set(pair, fault);
    }
  }
  return failed;
}

/** Fields of a portion of pairs, not grouped (spec/script.md 6.3, 6.4). */
function flatFields(
  context: NodeContext<LookupNode>,
  block: LeftBlock,
  right: Rowset,
  walk: Portion,
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
