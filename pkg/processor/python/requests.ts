import type { Rowset } from "#pkg/rowset";
import { columnOf } from "#pkg/rowset";
import { variableOf, type PythonProcessor } from "#pkg/script";
import { encodeColumn } from "./encode-column.ts";

/** A field of the source that formulas use. */
export interface InputVariable {
  readonly field: string;
  readonly variable: string;
}

/** Tells a child the code and formulas of a node under a number. */
export function encodeLoad(
  program: number,
  { code, fields }: PythonProcessor,
  inputs: readonly InputVariable[],
): string {
  return JSON.stringify({
    load: {
      program,
      inputs,
      files: code.map(({ url, text }) => ({ name: url, text })),
      formulas: fields.map(({ name, type, python }) => ({
        name,
        type,
        python,
        variable: variableOf("p", name),
      })),
    },
  });
}

/** One page of rows, its columns in the order of the inputs. */
export function encodePage(
  program: number,
  rowset: Rowset,
  inputs: readonly InputVariable[],
  processorTime: number,
): string {
  const columns = inputs.map(({ field }) => encodeColumn(columnOf(rowset, field)));
  const forms = JSON.stringify(columns.map(({ form }) => form));
  const lists = columns.map(({ json }) => json).join(",");
  return `{"page":{"program":${program},"rows":${rowset.rows},"forms":${forms},"processorTime":${processorTime},"columns":[${lists}]}}`;
}
