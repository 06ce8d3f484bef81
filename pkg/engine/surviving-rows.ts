import { Fault, isFault, onlyFault, withoutTraces } from "#pkg/fault";
import { gatherVector, isExact, storable, valueAt, type Rowset, type Vector } from "#pkg/rowset";
import type { CompiledExpression } from "#pkg/expression";
import { valueToText } from "#pkg/value";
import {
  applyHaving,
  evaluateField,
  evaluateFields,
  explainRow,
  inputsOf,
  scopeOf,
  toStorage,
  valuesOf,
  type Block,
  type KeptRows,
  type RowNames,
} from "./evaluate.ts";
import type { NodeCode } from "./node-code.ts";

/** A row that could not be processed: its position in the block and why. */
export interface FailedRow {
  readonly row: number;
  readonly fault: Fault;
}

/** Rows of a source block by column. */
export interface SourceBlock {
  readonly columns: ReadonlyMap<string, Vector>;
  readonly rows: number;
  readonly names: RowNames;
}

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

export const isRowFault = (error: unknown): error is Fault =>
  isFault(error) && typeof error.facts["row"] === "number";

/**
 * Fields, `having` and what follows over one block. A block in which no row fails costs what it costs without rejecting; otherwise
 * the failing rows are found one by one with the scalar evaluator and the others are evaluated again. What becomes of a row depends
 * on that row alone: the first of its fields that fails, else `having`, else the first of its values that cannot be stored (P2).
 */
export function evaluateBlock<Result>(
  code: NodeCode,
  block: SourceBlock,
  evaluation: Evaluation<Result>,
): EvaluatedBlock<Result> {
  const evaluate = ({ columns, rows, names }: SourceBlock): readonly Vector[] =>
    evaluateFields(code.fields, scopeOf("r", columns), rows, names);
  if (!evaluation.rejects) {
    const { rows, names } = block;
    return finishRows(code, { vectors: evaluate(block), rows, names }, evaluation);
  }
  const failed = new Map<number, Fault>();
  const [vectors, part, rows] = attempt<
    readonly [readonly Vector[], SourceBlock, Int32Array | undefined]
  >(
    () => [evaluate(block), block, undefined],
    () => {
      for (const { expression, name } of code.fields)
        addFailures(
          failed,
          { expression, field: name },
          { ...block, scope: scopeOf("r", block.columns) },
        );
      const others = rowsWithout(block.rows, failed);
      const rest = partOf(block, others);
      return [evaluate(rest), rest, others];
    },
  );
  const finished = finishRows(code, { vectors, rows: part.rows, names: part.names }, evaluation);
  for (const { row, fault } of finished.failed) failed.set(rows?.[row] ?? row, fault);
  return { ...finished, kept: composed(rows, finished.kept), failed: inOrder(failed) };
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
function attempt<Result>(all: () => Result, oneByOne: () => Result): Result {
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

const namesOfPart = (names: RowNames, rows: Int32Array): RowNames => ({
  ...names,
  describe: (row) => names.describe(rows[row] as number),
});

/** For nodes that write a table. */
export const evaluateStored = (
  code: NodeCode,
  block: SourceBlock,
  rejects: boolean,
): EvaluatedBlock<Rowset> =>
  evaluateBlock(code, block, {
    rejects,
    finish: (kept, names) => toStorage(code.fields, kept, names),
  });

/** Rows that are looked at one by one at a time: what is known about each that fails is an object. */
const PART_ROWS = 4096;

/** Consecutive rows of a block that were evaluated together; `from` is the position of the first of them. */
export interface EvaluatedPart extends EvaluatedBlock<Rowset> {
  readonly from: number;
  readonly rows: number;
}

/** As evaluateStored; a large block in which a row fails comes in parts, so that rejected rows never fill the memory (P8). */
export function* evaluateParts(
  code: NodeCode,
  block: SourceBlock,
  rejects: boolean,
): Generator<EvaluatedPart> {
  const { rows } = block;
  if (!rejects || rows <= PART_ROWS) {
    yield { ...evaluateStored(code, block, rejects), from: 0, rows };
    return;
  }
  const whole = attempt(
    () => evaluateStored(code, block, false),
    () => undefined,
  );
  if (whole !== undefined) {
    yield { ...whole, from: 0, rows };
    return;
  }
  for (let from = 0; from < rows; from += PART_ROWS) {
    const part = rowsOfRange(from, Math.min(rows, from + PART_ROWS));
    yield { ...evaluateStored(code, partOf(block, part), true), from, rows: part.length };
  }
}

const rowsOfRange = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, at) => from + at);

export const inOrder = (failed: ReadonlyMap<number, Fault>): readonly FailedRow[] =>
  [...failed].map(([row, fault]) => ({ row, fault })).toSorted((a, b) => a.row - b.row);

/** Positions of the rows that have not failed. */
export function rowsWithout(rows: number, failed: ReadonlyMap<number, Fault>): Int32Array {
  const kept = new Int32Array(rows - failed.size);
  let at = 0;
  for (let row = 0; row < rows; row += 1) if (!failed.has(row)) kept[at++] = row;
  return kept;
}

const composed = (
  rows: Int32Array | undefined,
  kept: Int32Array | undefined,
): Int32Array | undefined =>
  rows === undefined || kept === undefined
    ? (kept ?? rows)
    : Int32Array.from(kept, (row) => rows[row] as number);

const partOf = ({ columns, names }: SourceBlock, rows: Int32Array): SourceBlock => ({
  columns: new Map([...columns].map(([name, vector]) => [name, gatherVector(vector, rows)])),
  rows: rows.length,
  names: namesOfPart(names, rows),
});

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

/** Adds the rows for which one expression fails, unless an earlier one has failed for them. */
export function addFailures(
  failed: Map<number, Fault>,
  what: { readonly expression: CompiledExpression; readonly field: string },
  block: Block,
): void {
  const { expression, field } = what;
  try {
    evaluateField(expression, field, block);
  } catch (error) {
    if (!isRowFault(error)) throw error;
    scan(failed, what, block);
  }
}

function scan(
  failed: Map<number, Fault>,
  { expression, field }: { readonly expression: CompiledExpression; readonly field: string },
  { scope, rows, names }: Block,
): void {
  const inputs = inputsOf(expression, scope);
  const place = { field, text: expression.text, names };
  const values = valuesOf(expression, inputs);
  for (let row = 0; row < rows; row += 1) {
    if (failed.has(row)) continue;
    try {
      expression.evaluate(inputs.map((vector) => valueAt(vector, row)));
    } catch (error) {
      failed.set(row, explainRow(atRow(onlyFault(error), row), place, values) as Fault);
    }
  }
}

const atRow = ({ code, message, hint, facts }: Fault, row: number): Fault =>
  new Fault(code, message, { hint, facts: { ...facts, row } });

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
