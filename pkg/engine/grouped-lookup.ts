import type { Accumulators, CompiledExpression } from "#pkg/expression";
import { Fault, withoutTraces } from "#pkg/fault";
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
import { addToGroups, evaluateField, explainRow, type Block } from "./evaluate.ts";
import type { LeftBlock } from "./left-block.ts";
import { unmatchedValue } from "./lookup-code.ts";
import { columnsUsed, type FieldCode } from "./node-code.ts";
import { leftRowNames, pairScope, type Pairs } from "./pair-scope.ts";
import type { PairWalk } from "./pair-walk.ts";
import { GroupFailures } from "./group-failures.ts";
import type { RightSide } from "./right-side.ts";
import { rowsFrom, rowsWhere } from "./row-lists.ts";
import { addFailures, isRowFault, type FailedRow } from "./failing-rows.ts";
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
  private readonly rejects: boolean;
  private readonly failures = new GroupFailures();

  constructor(context: NodeContext<LookupNode>, block: LeftBlock) {
    this.context = context;
    this.block = block;
    this.rejects = context.node.rejects?.rows === true;
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
  feed(walk: PairWalk, { rowset: right, failing }: Pick<RightSide, "rowset" | "failing">): void {
    const keepsLast = this.lastNames.length > 0;
    const lastOf = new Int32Array(keepsLast ? this.block.rowset.rows : 0).fill(-1);
    while (walk.next()) {
      const all = {
        left: walk.left.subarray(0, walk.count),
        right: walk.right.subarray(0, walk.count),
      };
      const pairs = failing === undefined ? all : this.failures.decided(all, failing, this.rejects);
      if (pairs.left.length > 0) this.addPairs(pairs, right);
      if (keepsLast) noteLast(lastOf, pairs);
    }
    this.keepLast(right, lastOf);
  }

  /** Fields of the output rows, and the left row of each. With `rejects` a left row for which some field fails is left out. */
  results(): { readonly vectors: readonly Vector[]; readonly left: Int32Array } {
    const inner = this.context.node.lookup.join === "inner";
    const plain = this.plainFields(inner);
    const { matched } = this.splitRows();
    const left = inner ? matched : this.failures.without(rowsFrom(0, this.block.rowset.rows));
    const vectors = this.context.code.fields.map((field, index) => {
      const accumulators = this.accumulators[index];
      if (accumulators === undefined) return plain[index] as Vector;
      const values = accumulators.results(unmatchedValue(field));
      return left.length === this.block.rowset.rows ? values : gatherVector(values, left);
    });
    return { vectors, left };
  }

  /** Left rows that were left out. */
  get failed(): readonly FailedRow[] {
    return this.failures.rows;
  }

  private plainFields(inner: boolean): readonly (Vector | undefined)[] {
    const compute = (): readonly (Vector | undefined)[] => {
      const split = this.splitRows();
      return this.context.code.fields.map((field, index) =>
        this.accumulators[index] === undefined ? this.plain(field, split, inner) : undefined,
      );
    };
    try {
      return compute();
    } catch (error) {
      if (!this.rejects || !isRowFault(error)) throw error;
      withoutTraces(() => this.failPlainFields(inner));
      return compute();
    }
  }

  private failPlainFields(inner: boolean): void {
    const { matched, unmatched } = this.splitRows();
    for (const [index, field] of this.context.code.fields.entries()) {
      if (this.accumulators[index] !== undefined) continue;
      this.failPlain(field.expression, { index, rows: matched });
      if (inner) continue;
      const alone = field.alone ?? field.expression;
      if (alone.inputs.every(({ prefix }) => prefix === "r"))
        this.failPlain(alone, { index, rows: unmatched });
      else
        for (const row of unmatched) this.failures.add(row, index, this.missingRight(field, row));
    }
  }

  private failPlain(
    expression: CompiledExpression,
    { index, rows }: { readonly index: number; readonly rows: Int32Array },
  ): void {
    if (rows.length === 0) return;
    const { name } = this.context.code.fields[index] as FieldCode;
    const right = { rows: this.block.rowset.rows, columns: this.last };
    const scope = pairScope(this.block.rowset, right, { left: rows, right: rows });
    const names = leftRowNames(this.context, this.block, rows);
    const failed = new Map<number, Fault>();
    addFailures(failed, { expression, field: name }, { scope, rows: rows.length, names });
    for (const [row, fault] of failed) this.failures.add(rows[row] as number, index, fault);
  }

  private addPairs(pairs: Pairs, right: Rowset): void {
    const block = this.pairBlock(pairs, right);
    for (const [index, field] of this.context.code.fields.entries()) {
      const accumulators = this.accumulators[index];
      if (accumulators === undefined) continue;
      try {
        addToGroups(accumulators, field, pairs.left, block);
      } catch (error) {
        if (!this.rejects || !isRowFault(error)) throw error;
        withoutTraces(() => this.addHalves(index, pairs, right, error));
      }
    }
  }

  /** Pairs that fail add nothing; so the others are fed in their order, in ever smaller parts, and the failing ones are left over. */
  private addHalves(index: number, pairs: Pairs, right: Rowset, fault: Fault): void {
    const { length } = pairs.left;
    if (length === 1) return this.failures.add(pairs.left[0] as number, index, fault);
    const middle = length >> 1;
    for (const [from, to] of [
      [0, middle],
      [middle, length],
    ] as const) {
      const half = {
        left: pairs.left.subarray(from, to),
        right: pairs.right.subarray(from, to),
      };
      const accumulators = this.accumulators[index] as Accumulators;
      const field = this.context.code.fields[index] as FieldCode;
      try {
        addToGroups(accumulators, field, half.left, this.pairBlock(half, right));
      } catch (error) {
        if (!isRowFault(error)) throw error;
        this.addHalves(index, half, right, error);
      }
    }
  }

  private pairBlock(pairs: Pairs, right: Rowset): Block {
    const scope = pairScope(this.block.rowset, right, pairs);
    const names = leftRowNames(this.context, this.block, pairs.left);
    return { scope, rows: pairs.left.length, names };
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
    return {
      matched: this.failures.without(rowsWhere(matched, 1, true)),
      unmatched: this.failures.without(rowsWhere(matched, 1, false)),
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
    const both = concatVectors(field.type, [computed, alone]);
    return gatherVector(both, mergedOrder(matched, unmatched));
  }

  /** Left rows without a match: the field sees r.* only and is an ordinary field. */
  private aloneRows(field: FieldCode, rows: Int32Array): Vector {
    if (rows.length === 0) return emptyVector(field);
    const expression = field.alone ?? field.expression;
    if (expression.inputs.some((input) => input.prefix === "l"))
      throw this.missingRight(field, rows[0] as number);
    const names = leftRowNames(this.context, this.block, rows);
    const scope = pairScope(this.block.rowset, this.block.rowset, { left: rows, right: rows });
    return evaluateField(expression, field.name, { scope, rows: rows.length, names });
  }

  /** Why a field that asks for the right side fails for a left row without a match. */
  private missingRight({ name, alone, expression }: FieldCode, row: number): Fault {
    const { inputs, text } = alone ?? expression;
    const asked = inputs.find((input) => input.prefix === "l");
    const names = leftRowNames(this.context, this.block, Int32Array.of(row));
    const reason = new Fault(
      "EXPRESSION_ROW",
      `l.${asked?.name} has no value for a left row without a match`,
      { facts: { row, code: "E-name" } },
    );
    const place = { field: name, text, names: { ...names, describe: () => names.describe(0) } };
    return explainRow(reason, place, () => ({})) as Fault;
  }
}

/** For each row of two ascending lists in their common order its place in the lists put one after the other. */
function mergedOrder(first: Int32Array, second: Int32Array): Int32Array {
  const order = new Int32Array(first.length + second.length);
  let [a, b] = [0, 0];
  for (let at = 0; at < order.length; at += 1) {
    const takesFirst =
      b >= second.length || (a < first.length && (first[a] as number) < (second[b] as number));
    order[at] = takesFirst ? a++ : first.length + b++;
  }
  return order;
}

function noteLast(lastOf: Int32Array, { left, right }: Pairs): void {
  for (let at = 0; at < left.length; at += 1) lastOf[left[at] as number] = right[at] as number;
}

const emptyVector = (field: FieldCode): Vector => concatVectors(field.type, []);
