import { onlyFault, withoutTraces, type Fault } from "#pkg/fault";
import { gatherVector, isExact, storable, valueAt, type Vector } from "#pkg/rowset";
import { valueToText } from "#pkg/value";
import { applyHaving, explainRow, scopeOf, type KeptRows, type RowNames } from "./evaluate.ts";
import {
  addFailures,
  atRow,
  inOrder,
  isRowFault,
  rowsWithout,
  type FailedRow,
} from "./failing-rows.ts";
import type { NodeCode } from "./node-code.ts";

export interface EvaluatedBlock<Result> {
  readonly result: Result;
  /** Positions in the block; undefined: all rows. */
  readonly kept: Int32Array | undefined;
  readonly failed: readonly FailedRow[];
}

export interface Evaluation<Result> {
  /** Whether failing rows are set aside; otherwise the first of them throws its fault. */
  readonly rejects: boolean;
  /** What becomes of the rows that `having` keeps; may throw a row fault. */
  readonly finish: (kept: KeptRows, names: RowNames) => Result;
}

/** Evaluated fields of rows. */
export interface EvaluatedRows {
  readonly vectors: readonly Vector[];
  readonly rows: number;
  readonly names: RowNames;
}

/** `having` and what follows, for rows whose fields are evaluated. */
export function finishRows<Result>(
  code: NodeCode,
  evaluated: EvaluatedRows,
  { rejects, finish }: Evaluation<Result>,
): EvaluatedBlock<Result> {
  const finishPart = (part: EvaluatedRows) => {
    const kept = applyHaving(code.having, code.fields, part.vectors, part);
    return { result: finish(kept, part.names), kept: kept.kept };
  };
  if (!rejects) return { ...finishPart(evaluated), failed: [] };
  const failed = new Map<number, Fault>();
  return attempt(
    () => ({ ...finishPart(evaluated), failed: [] }),
    () => {
      addHavingFailures(failed, code, evaluated);
      const decided = rowsWithout(evaluated.rows, failed);
      addStorageFailures(failed, code, evaluated, decided);
      const others = rowsWithout(evaluated.rows, failed);
      const { result, kept } = finishPart(evaluatedPart(evaluated, others));
      return { result, kept: composed(others, kept), failed: inOrder(failed) };
    },
  );
}

/** The second way when a row fails on the first one. */
export function attempt<Result>(all: () => Result, oneByOne: () => Result): Result {
  try {
    return all();
  } catch (error) {
    if (!isRowFault(error)) throw error;
    return withoutTraces(oneByOne);
  }
}

const evaluatedPart = ({ vectors, names }: EvaluatedRows, rows: Int32Array): EvaluatedRows => ({
  vectors: vectors.map((vector) => gatherVector(vector, rows)),
  rows: rows.length,
  names: namesOfPart(names, rows),
});

export const namesOfPart = (names: RowNames, rows: Int32Array): RowNames => ({
  ...names,
  describe: (row) => names.describe(rows[row] as number),
});

export const composed = (
  rows: Int32Array | undefined,
  kept: Int32Array | undefined,
): Int32Array | undefined =>
  rows === undefined || kept === undefined
    ? (kept ?? rows)
    : Int32Array.from(kept, (row) => rows[row] as number);

function addHavingFailures(
  failed: Map<number, Fault>,
  { having, fields }: NodeCode,
  { vectors, rows, names }: EvaluatedRows,
): void {
  if (having === undefined) return;
  const written = new Map(fields.map(({ name }, at) => [name, vectors[at] as Vector]));
  const block = { scope: scopeOf("w", written), rows, names };
  addFailures(failed, { expression: having, field: "having" }, block);
}

/** Values that a table cannot hold, of the rows `decided` that `having` keeps. */
function addStorageFailures(
  failed: Map<number, Fault>,
  { having, fields }: NodeCode,
  evaluated: EvaluatedRows,
  decided: Int32Array,
): void {
  const part = evaluatedPart(evaluated, decided);
  const kept = applyHaving(having, fields, part.vectors, part);
  for (const [at, { name, type, expression }] of fields.entries()) {
    const vector = kept.vectors[at] as Vector;
    if (!isExact(vector)) continue;
    const place = { field: name, text: expression.text, names: evaluated.names };
    for (let index = 0; index < kept.rows; index += 1) {
      const row = decided[kept.kept?.[index] ?? index] as number;
      if (failed.has(row)) continue;
      try {
        storable(gatherVector(vector, Int32Array.of(index)));
      } catch (error) {
        const shown = () => ({ [name]: valueToText(type, valueAt(vector, index)) });
        failed.set(row, explainRow(atRow(onlyFault(error), row), place, shown) as Fault);
      }
    }
  }
}
