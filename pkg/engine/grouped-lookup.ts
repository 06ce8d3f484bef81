import type { Accumulators } from "#pkg/expression";
import { Fault } from "#pkg/fault";
import {
  columnOf,
  concatColumns,
  gatherColumn,
  gatherVector,
  type Column,
  type Rowset,
  type Vector,
} from "#pkg/rowset";
import type { LookupNode } from "#pkg/script";
import { addToGroups, evaluateField } from "./evaluate.ts";
import type { LeftBlock } from "./left-block.ts";
import { unmatchedValue } from "./lookup-code.ts";
import { columnsUsed, type FieldCode } from "./node-code.ts";
import { leftRowNames, pairScope } from "./pair-scope.ts";
import type { PairWalk } from "./pair-walk.ts";
import type { NodeContext } from "./types.ts";
import { concatVectors } from "./vectors.ts";

interface SplitRows {
  readonly matched: Int32Array;
  readonly unmatched: Int32Array;
}

/**
 * One output row for each left row of a block (spec/script.md 6.5). Right sides are fed in row order; memory: one accumulator a left
 * row and aggregate field, and for plain fields the right columns of the last match.
 */
export class GroupedLookup {
  private readonly context: NodeContext<LookupNode>;
  private readonly block: LeftBlock;
  private readonly accumulators: readonly (Accumulators | undefined)[];
  private readonly lastNames: readonly string[];
  private last: ReadonlyMap<string, Column> = new Map();

  constructor(context: NodeContext<LookupNode>, block: LeftBlock) {
    this.context = context;
    this.block = block;
    const { fields } = context.code;
    this.accumulators = fields.map((field) =>
      field.expression.aggregate?.accumulators(block.rowset.rows),
    );
    const plain = fields.filter((field) => field.expression.aggregate === undefined);
    this.lastNames = columnsUsed(
      plain.map((field) => field.expression),
      "l",
    );
  }

  /** Feeds all portions of a walk over one right side. */
  feed(walk: PairWalk, right: Rowset): void {
    const lastOf = new Int32Array(this.block.rowset.rows).fill(-1);
    while (walk.next()) {
      const pairs = {
        left: walk.left.subarray(0, walk.count),
        right: walk.right.subarray(0, walk.count),
      };
      this.addPairs(pairs, right);
      for (let row = 0; row < walk.count; row += 1)
        lastOf[pairs.left[row] as number] = pairs.right[row] as number;
    }
    this.keepLast(right, lastOf);
  }

  /** Fields of the output rows, and the left row of each. */
  results(): { readonly vectors: readonly Vector[]; readonly left: Int32Array } {
    const inner = this.context.node.lookup.join === "inner";
    const { rows } = this.block.rowset;
    const split = this.splitRows();
    const left = inner ? split.matched : Int32Array.from({ length: rows }, (_, row) => row);
    const vectors = this.context.code.fields.map((field, index) => {
      const accumulators = this.accumulators[index];
      if (accumulators === undefined) return this.plain(field, split, inner);
      const values = accumulators.results(unmatchedValue(field));
      return left.length === rows ? values : gatherVector(values, left);
    });
    return { vectors, left };
  }

  private addPairs(
    pairs: { readonly left: Int32Array; readonly right: Int32Array },
    right: Rowset,
  ): void {
    const scope = pairScope(this.block.rowset, right, pairs);
    const names = leftRowNames(this.context, this.block, pairs.left);
    const block = { scope, rows: pairs.left.length, names };
    for (const [index, field] of this.context.code.fields.entries()) {
      const accumulators = this.accumulators[index];
      if (accumulators !== undefined) addToGroups(accumulators, field, pairs.left, block);
    }
  }

  /** `lastOf`: last match of each left row in this right side, -1 for none. */
  private keepLast(right: Rowset, lastOf: Int32Array): void {
    if (this.lastNames.length === 0 || right.rows === 0) return;
    const rows = lastOf.length;
    const fresh = this.last.size === 0;
    const positions = lastOf.map((at, row) => {
      if (fresh) return Math.max(at, 0);
      return at < 0 ? row : rows + at;
    });
    const kept = new Map<string, Column>();
    for (const name of this.lastNames) {
      const column = columnOf(right, name);
      const before = this.last.get(name);
      const source = before === undefined ? column : concatColumns(column.type, [before, column]);
      kept.set(name, gatherColumn(source, positions));
    }
    this.last = kept;
  }

  private splitRows(): SplitRows {
    const { matched } = this.block;
    const all = Int32Array.from(matched, (_, row) => row);
    return {
      matched: all.filter((row) => matched[row] === 1),
      unmatched: all.filter((row) => matched[row] !== 1),
    };
  }

  private plain(field: FieldCode, { matched, unmatched }: SplitRows, inner: boolean): Vector {
    if (matched.length === 0) return inner ? emptyVector(field) : this.aloneRows(field, unmatched);
    const right = { rows: this.block.rowset.rows, columns: this.last };
    const scope = pairScope(this.block.rowset, right, { left: matched, right: matched });
    const names = leftRowNames(this.context, this.block, matched);
    const computed = evaluateField(field.expression, field.name, {
      scope,
      rows: matched.length,
      names,
    });
    if (inner || unmatched.length === 0) return computed;
    const alone = this.aloneRows(field, unmatched);
    const spread = new Int32Array(matched.length + unmatched.length);
    for (const [at, row] of matched.entries()) spread[row] = at;
    for (const [at, row] of unmatched.entries()) spread[row] = matched.length + at;
    return gatherVector(concatVectors(field.type, [computed, alone]), spread);
  }

  /** Left rows without a match: the field sees r.* only and is an ordinary field. */
  private aloneRows(field: FieldCode, rows: Int32Array): Vector {
    if (rows.length === 0) return emptyVector(field);
    const expression = field.alone ?? field.expression;
    const names = leftRowNames(this.context, this.block, rows);
    const missing = expression.inputs.find((input) => input.prefix === "l");
    if (missing !== undefined) {
      const where = names.describe(0);
      throw new Fault(
        "EXPRESSION_ROW",
        `node ${names.node}, ${where.text}, field ${field.name}: l.${missing.name} has no value for a left row without a match`,
        {
          facts: {
            ...where.facts,
            node: names.node,
            field: field.name,
            expression: expression.text,
            code: "E-name",
          },
        },
      );
    }
    const scope = pairScope(this.block.rowset, this.block.rowset, { left: rows, right: rows });
    return evaluateField(expression, field.name, { scope, rows: rows.length, names });
  }
}

const emptyVector = (field: FieldCode): Vector => concatVectors(field.type, []);
