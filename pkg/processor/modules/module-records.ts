import { Fault } from "#pkg/fault";
import { gatherVector, vectorFrom, type Vector } from "#pkg/rowset";
import type { ModuleOutput } from "#pkg/script";
import { defaultValue, type Value } from "#pkg/value";
import type { Records, RowFailure, SourceBlock } from "../port.ts";
import { resultFault } from "./faults.ts";
import { resultValue, shownResult } from "./result-value.ts";

/**
 * What a module returned for a page, checked to the last value. A wrong value is a failure of its row; a result of the wrong
 * shape throws PROCESSOR_RESULT.
 */
export function moduleRecords(
  block: SourceBlock,
  result: unknown,
  {
    outputs,
    expression,
  }: { readonly outputs: readonly ModuleOutput[]; readonly expression: string },
): Records {
  const { columns, rows: given } = shapeOf(result);
  const rows = given === undefined ? undefined : rowsOf(given, block.rowset.rows);
  const count = rows?.length ?? block.rowset.rows;
  const failures = new Map<number, RowFailure>();
  const fields = new Map<string, Vector>();
  for (const { name, type } of outputs) {
    const values = columnOf(columns, name, count);
    const read = Array.from(values, (value, at): Value => {
      const found = resultValue(type, value);
      if (found !== undefined) return found;
      const row = rows?.[at] ?? at;
      const fault = resultFault(`the output is ${type}, the module returned ${shownResult(value)}`);
      if (!failures.has(row)) failures.set(row, { row, field: name, expression, fault });
      return defaultValue(type);
    });
    fields.set(name, vectorFrom(type, read));
  }
  if (failures.size === 0) return { block, rows, count, fields, failures: [] };
  const inOrder = [...failures.values()].toSorted((a, b) => a.row - b.row);
  return { ...withoutRows({ block, rows, count, fields }, failures), failures: inOrder };
}

/** A row with a wrong value has no record at all. */
function withoutRows(
  { block, rows, count, fields }: Omit<Records, "failures">,
  failures: ReadonlyMap<number, RowFailure>,
): Omit<Records, "failures"> {
  const rowOf = (at: number): number => rows?.[at] ?? at;
  const kept = Int32Array.from({ length: count }, (_, at) => at).filter(
    (at) => !failures.has(rowOf(at)),
  );
  return {
    block,
    rows: kept.map(rowOf),
    count: kept.length,
    fields: new Map([...fields].map(([name, vector]) => [name, gatherVector(vector, kept)])),
  };
}

/** A page that failed as a whole has none. */
export const noRecords = (block: SourceBlock): Omit<Records, "failures"> => ({
  block,
  rows: new Int32Array(0),
  count: 0,
  fields: new Map(),
});

interface ResultShape {
  readonly columns: object;
  readonly rows: unknown;
}

function shapeOf(result: unknown): ResultShape {
  const { columns, rows } = (result ?? {}) as {
    readonly columns?: unknown;
    readonly rows?: unknown;
  };
  if (typeof columns === "object" && columns !== null) return { columns, rows };
  throw resultFault(`process must return an object with columns, not ${shownResult(result)}`);
}

function columnOf(columns: object, name: string, count: number): readonly unknown[] {
  const values: unknown = Object.hasOwn(columns, name)
    ? (columns as Readonly<Record<string, unknown>>)[name]
    : undefined;
  if (!Array.isArray(values))
    throw resultFault(`columns.${name} must be a list, not ${shownResult(values)}`);
  if (values.length === count) return values as readonly unknown[];
  throw new Fault(
    "PROCESSOR_RESULT",
    `columns.${name} has ${values.length} values for ${count} records`,
    { hint: "Return `rows` when a row has no record or several." },
  );
}

/** Ascending rows of the page, so that the order of records depends on nothing but the rows. */
function rowsOf(given: unknown, size: number): Int32Array {
  if (!Array.isArray(given)) throw resultFault(`rows must be a list, not ${shownResult(given)}`);
  const rows = given as readonly unknown[];
  let least = 0;
  for (const [at, row] of rows.entries()) {
    if (!Number.isInteger(row) || (row as number) < least || (row as number) >= size)
      throw resultFault(
        `rows[${at}] must be a row from ${least} to ${size - 1}, not ${shownResult(row)}`,
      );
    least = row as number;
  }
  return Int32Array.from(rows as readonly number[]);
}
