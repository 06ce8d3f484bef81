import { stringColumn } from "#pkg/rowset";
import type { Operand, TextOperand } from "./operand.ts";
import { textOperand } from "./text-operand.ts";

/** Row i of the result is row positions[i]. */
export function gatherOperand(operand: Operand, positions: Int32Array): Operand {
  switch (operand.form) {
    case "constant":
      return operand;
    case "ints":
    case "floats":
    case "instants":
    case "shortest":
      return { form: operand.form, values: gatherDoubles(operand.values, positions) };
    case "scaled":
      return { ...operand, values: gatherDoubles(operand.values, positions) };
    case "bigints":
    case "bigcents":
      return { form: operand.form, values: gatherBig(operand.values, positions) };
    case "mask":
      return { form: "mask", values: gatherBytes(operand.values, positions) };
    case "texts":
      return gatherTexts(operand, positions);
    case "boxed":
      return { form: "boxed", values: gatherBoxed(operand.values, positions) };
  }
}

function gatherTexts(operand: TextOperand, positions: Int32Array): TextOperand {
  const { codes, column } = operand;
  const gathered = codes === undefined ? positions : gatherCodes(codes, positions);
  if (column !== undefined) return textOperand(stringColumn(gathered, column));
  return { form: "texts", codes: gathered, texts: operand.texts, column };
}

/** Codes at the positions; loops, because calls of `map` on typed arrays cost several times as much. */
export function gatherCodes(codes: Int32Array, positions: Int32Array): Int32Array {
  const gathered = new Int32Array(positions.length);
  for (let at = 0; at < gathered.length; at += 1)
    gathered[at] = codes[positions[at] as number] as number;
  return gathered;
}

function gatherDoubles(values: Float64Array, positions: Int32Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(positions.length);
  for (let at = 0; at < result.length; at += 1) {
    result[at] = values[positions[at] as number] as number;
  }
  return result;
}

function gatherBig(values: BigInt64Array, positions: Int32Array): BigInt64Array<ArrayBuffer> {
  const result = new BigInt64Array(positions.length);
  for (let at = 0; at < result.length; at += 1) {
    result[at] = values[positions[at] as number] as bigint;
  }
  return result;
}

function gatherBytes(values: Uint8Array, positions: Int32Array): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(positions.length);
  for (let at = 0; at < result.length; at += 1) {
    result[at] = values[positions[at] as number] as number;
  }
  return result;
}

function gatherBoxed<Item>(values: readonly Item[], positions: Int32Array): readonly Item[] {
  return Array.from(positions, (row) => values[row] as Item);
}
