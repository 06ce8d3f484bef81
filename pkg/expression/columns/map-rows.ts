import type { Apply, Operation, Scalar } from "../operation.ts";
import { distinctDoubles } from "./distinct-doubles.ts";
import { gatherOperand } from "./gather-operand.ts";
import { entriesOf, paysByEntry, type Operand, type TextOperand } from "./operand.ts";
import { packOperand } from "./pack-operand.ts";
import { rowReader, type ReadRow } from "./read-operand.ts";

/**
 * Applies the scalar form of an operation: once for constants, once per distinct value of a single column where that
 * pays, else row by row. Throws the Fault of some failing row that exists.
 */
export function mapRows(operation: Operation, operands: readonly Operand[], rows: number): Operand {
  const varying = operands.filter(({ form }) => form !== "constant");
  const call = caller(operation.apply, operands);
  if (operation.changing) return packOperand(operation.kind, mapEach(call, rows));
  if (varying.length === 0) return { form: "constant", value: call(0) };
  const [only] = varying;
  const shared =
    varying.length === 1 ? mapDistinct(operation, call, only as Operand, rows) : undefined;
  return shared ?? packOperand(operation.kind, mapEach(call, rows));
}

function caller(apply: Apply, operands: readonly Operand[]): ReadRow {
  const readers = operands.map(rowReader);
  const args: Scalar[] = readers.map(() => 0n);
  return (row) => {
    for (let at = 0; at < readers.length; at += 1) args[at] = (readers[at] as ReadRow)(row);
    return apply(args);
  };
}

function mapEach(call: ReadRow, rows: number): readonly Scalar[] {
  const results: Scalar[] = [];
  for (let row = 0; row < rows; row += 1) results.push(call(row));
  return results;
}

function mapDistinct(
  operation: Operation,
  call: ReadRow,
  operand: Operand,
  rows: number,
): Operand | undefined {
  switch (operand.form) {
    case "texts":
      return paysByEntry(operand, rows) ? mapEntries(operation, call, operand, rows) : undefined;
    case "ints":
    case "floats":
    case "scaled":
    case "shortest":
    case "instants": {
      const distinct = distinctDoubles(operand.values, rows);
      if (distinct === undefined) return undefined;
      return expanded(operation, distinct.firstRows.map(call), distinct.codes);
    }
    default:
      return undefined;
  }
}

/** Entries are evaluated when a row uses them, so that unused ones cannot fail. */
function mapEntries(
  operation: Operation,
  call: ReadRow,
  operand: TextOperand,
  rows: number,
): Operand {
  const { codes } = operand;
  const numbers = new Int32Array(entriesOf(operand));
  const results: Scalar[] = [];
  const newCodes = new Int32Array(rows);
  const source = codes as Int32Array;
  for (let row = 0; row < rows; row += 1) {
    const code = source[row] as number;
    let number = numbers[code] as number;
    if (number === 0) {
      results.push(call(row));
      number = results.length;
      numbers[code] = number;
    }
    newCodes[row] = number - 1;
  }
  return expanded(operation, results, newCodes);
}

function expanded(operation: Operation, results: readonly Scalar[], codes: Int32Array): Operand {
  return gatherOperand(packOperand(operation.kind, results), codes);
}
