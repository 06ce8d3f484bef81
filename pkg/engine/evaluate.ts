import type { Accumulators, CompiledExpression } from "#pkg/expression";
import { Fault, isFault } from "#pkg/fault";
import {
  gatherVector,
  storable,
  valueAt,
  type Column,
  type Rowset,
  type Vector,
} from "#pkg/rowset";
import { valueToText } from "#pkg/value";
import type { FieldCode } from "./node-code.ts";

/** The vector behind `prefix.name`. */
export type Scope = (prefix: string, name: string) => Vector;

/** How rows of the block at hand are named in faults. */
export interface RowNames {
  readonly node: string;
  readonly describe: (row: number) => {
    readonly text: string;
    readonly facts: Readonly<Record<string, unknown>>;
  };
}

/** Columns of a rowset under one prefix. */
export function scopeOf(prefix: string, columns: ReadonlyMap<string, Vector>): Scope {
  return (asked, name) => {
    const vector = asked === prefix ? columns.get(name) : undefined;
    if (vector === undefined)
      throw new Fault("INTERNAL", `no column ${asked}.${name} in the block`);
    return vector;
  };
}

export const inputsOf = (expression: CompiledExpression, scope: Scope): readonly Vector[] =>
  expression.inputs.map((input) => scope(input.prefix, input.name));

/** Evaluates all fields over a block; a row fault names node, field, row and the values it was computed from. */
export function evaluateFields(
  fields: readonly FieldCode[],
  scope: Scope,
  rows: number,
  names: RowNames,
): readonly Vector[] {
  return fields.map((field) => evaluateField(field.expression, field.name, { scope, rows, names }));
}

export interface Block {
  readonly scope: Scope;
  readonly rows: number;
  readonly names: RowNames;
}

export function evaluateField(expression: CompiledExpression, field: string, block: Block): Vector {
  const inputs = inputsOf(expression, block.scope);
  try {
    return expression.evaluateColumns(inputs, block.rows);
  } catch (error) {
    throw explainRow(
      error,
      { field, text: expression.text, names: block.names },
      valuesOf(expression, inputs),
    );
  }
}

/** Rows for which the condition holds; undefined when it holds for all of them. */
export function selectRows(
  condition: CompiledExpression | undefined,
  block: Block,
  what: string,
): Int32Array | undefined {
  if (condition === undefined) return undefined;
  const answer = evaluateField(condition, what, block);
  if (answer.type !== "bool") throw new Fault("INTERNAL", `${what} is not a bool`);
  return positionsOf(answer.values, block.rows);
}

function positionsOf(flags: Uint8Array, rows: number): Int32Array | undefined {
  const positions = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row += 1) if (flags[row] === 1) positions[count++] = row;
  return count === rows ? undefined : positions.subarray(0, count);
}

/** Evaluated fields after `having`, with the block rows they came from (undefined: all of them). */
export interface KeptRows {
  readonly vectors: readonly Vector[];
  readonly rows: number;
  readonly kept: Int32Array | undefined;
}

export function applyHaving(
  having: CompiledExpression | undefined,
  fields: readonly FieldCode[],
  vectors: readonly Vector[],
  block: Omit<Block, "scope">,
): KeptRows {
  if (having === undefined) return { vectors, rows: block.rows, kept: undefined };
  const written = new Map(fields.map((field, index) => [field.name, vectors[index] as Vector]));
  const kept = selectRows(having, { ...block, scope: scopeOf("w", written) }, "having");
  if (kept === undefined) return { vectors, rows: block.rows, kept };
  return { vectors: vectors.map((vector) => gatherVector(vector, kept)), rows: kept.length, kept };
}

/** The rows as a table stores them. */
export function toStorage(fields: readonly FieldCode[], result: KeptRows, names: RowNames): Rowset {
  const columns = new Map<string, Column>();
  for (const [index, field] of fields.entries()) {
    const vector = result.vectors[index] as Vector;
    try {
      columns.set(field.name, storable(vector));
    } catch (error) {
      const original = {
        ...names,
        describe: (row: number) => names.describe(result.kept?.[row] ?? row),
      };
      const values = (row: number) => ({
        [field.name]: valueToText(field.type, valueAt(vector, row)),
      });
      throw explainRow(
        error,
        { field: field.name, text: field.expression.text, names: original },
        values,
      );
    }
  }
  return { rows: result.rows, columns };
}

export const valuesOf =
  (expression: CompiledExpression, inputs: readonly Vector[]) =>
  (row: number): Record<string, string> =>
    Object.fromEntries(
      expression.inputs.map((input, index) => {
        const vector = inputs[index] as Vector;
        return [`${input.prefix}.${input.name}`, valueToText(vector.type, valueAt(vector, row))];
      }),
    );

/** Completes a row fault with its place; anything else passes unchanged. */
export function explainRow(
  error: unknown,
  place: { readonly field: string; readonly text: string; readonly names: RowNames },
  values: (row: number) => Readonly<Record<string, string>>,
): unknown {
  if (!isFault(error) || typeof error.facts["row"] !== "number") return error;
  const row = error.facts["row"];
  const where = place.names.describe(row);
  const shown = values(row);
  const list = Object.entries(shown).map(([name, value]) => `${name} = ${shorten(value)}`);
  const suffix = list.length > 0 ? ` (${list.join(", ")})` : "";
  return new Fault(
    error.code,
    `node ${place.names.node}, ${where.text}, field ${place.field}: ${error.message}${suffix}`,
    {
      cause: error,
      hint: error.hint,
      facts: {
        ...error.facts,
        ...where.facts,
        node: place.names.node,
        field: place.field,
        expression: place.text,
        values: shown,
      },
    },
  );
}

const shorten = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Feeds the rows of a block to the accumulators of an aggregate field. */
export function addToGroups(
  accumulators: Accumulators,
  field: FieldCode,
  groups: Int32Array,
  block: Block,
): void {
  const inputs = inputsOf(field.expression, block.scope);
  try {
    accumulators.add(groups, inputs, block.rows);
  } catch (error) {
    const { expression } = field;
    throw explainRow(
      error,
      { field: field.name, text: expression.text, names: block.names },
      valuesOf(expression, inputs),
    );
  }
}
