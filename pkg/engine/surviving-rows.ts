import type { Fault } from "#pkg/fault";
import { gatherVector, type Rowset, type Vector } from "#pkg/rowset";
import { evaluateFields, scopeOf, toStorage, type RowNames, type Scope } from "./evaluate.ts";
import { addFailures, inOrder, rowsWithout } from "./failing-rows.ts";
import {
  attempt,
  composed,
  finishRows,
  namesOfPart,
  type EvaluatedBlock,
  type Evaluation,
} from "./finish-rows.ts";
import type { NodeCode } from "./node-code.ts";

/** Rows that fields are computed from. */
export interface SourceRows {
  readonly rows: number;
  readonly names: RowNames;
  readonly scope: Scope;
  /** Some of the rows, ascending. */
  readonly part: (rows: Int32Array) => SourceRows;
}

/** Rows of a source block by column. */
export interface SourceBlock {
  readonly columns: ReadonlyMap<string, Vector>;
  readonly rows: number;
  readonly names: RowNames;
}

const sourceRows = (block: SourceBlock): SourceRows => ({
  rows: block.rows,
  names: block.names,
  scope: scopeOf("r", block.columns),
  part: (rows) => sourceRows(partOf(block, rows)),
});

/**
 * Fields, `having` and what follows. Rows of which none fails cost what they cost without rejecting; otherwise the failing ones are
 * found one by one with the scalar evaluator and the others are evaluated again. What becomes of a row depends on that row alone: the
 * first of its fields that fails, else `having`, else the first of its values that cannot be stored (P2).
 */
export function evaluateRows<Result>(
  code: NodeCode,
  source: SourceRows,
  evaluation: Evaluation<Result>,
): EvaluatedBlock<Result> {
  const evaluate = ({ scope, rows, names }: SourceRows): readonly Vector[] =>
    evaluateFields(code.fields, scope, rows, names);
  if (!evaluation.rejects) {
    const { rows, names } = source;
    return finishRows(code, { vectors: evaluate(source), rows, names }, evaluation);
  }
  const failed = new Map<number, Fault>();
  const [vectors, part, rows] = attempt<
    readonly [readonly Vector[], SourceRows, Int32Array | undefined]
  >(
    () => [evaluate(source), source, undefined],
    () => {
      for (const { expression, name } of code.fields)
        addFailures(failed, { expression, field: name }, source);
      const others = rowsWithout(source.rows, failed);
      const rest = source.part(others);
      return [evaluate(rest), rest, others];
    },
  );
  const finished = finishRows(code, { vectors, rows: part.rows, names: part.names }, evaluation);
  for (const { row, fault } of finished.failed) failed.set(rows?.[row] ?? row, fault);
  return { ...finished, kept: composed(rows, finished.kept), failed: inOrder(failed) };
}

/** As evaluateRows, for the columns of a block. */
export const evaluateBlock = <Result>(
  code: NodeCode,
  block: SourceBlock,
  evaluation: Evaluation<Result>,
): EvaluatedBlock<Result> => evaluateRows(code, sourceRows(block), evaluation);

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
const PART_ROWS = 1024;

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

const partOf = ({ columns, names }: SourceBlock, rows: Int32Array): SourceBlock => ({
  columns: new Map([...columns].map(([name, vector]) => [name, gatherVector(vector, rows)])),
  rows: rows.length,
  names: namesOfPart(names, rows),
});
