import {
  columnFrom,
  constantColumn,
  stringColumn,
  vectorFrom,
  type StringColumn,
  type Vector,
} from "#pkg/rowset";
import type { FieldType, Value } from "#pkg/value";
import { niceScaled } from "./kernels/shortest-decimals.ts";
import {
  paysByEntry,
  type Operand,
  type ScaledOperand,
  type ShortestOperand,
  type TextOperand,
} from "./operand.ts";
import { rowReader } from "./read-operand.ts";
import { textOperand } from "./text-operand.ts";

/** An input vector as operand; nothing is copied. */
export function operandOf(vector: Vector): Operand {
  if ("exact" in vector) return { form: "boxed", values: vector.exact };
  switch (vector.type) {
    case "int":
      return vector.values instanceof Float64Array
        ? { form: "ints", values: vector.values }
        : { form: "bigints", values: vector.values };
    case "float":
      return { form: "floats", values: vector.values };
    case "decimal2":
      return vector.values instanceof Float64Array
        ? { form: "scaled", values: vector.values, scale: 2 }
        : { form: "bigcents", values: vector.values };
    case "datetime":
      return { form: "instants", values: vector.values };
    case "bool":
      return { form: "mask", values: vector.values };
    case "string":
      return textOperand(vector);
  }
}

/** The operand as a vector of the type, in a column form where the values allow it. */
export function vectorOf(type: FieldType, operand: Operand, rows: number): Vector {
  switch (operand.form) {
    case "constant":
      return constantVector(type, operand.value as Value, rows);
    case "ints":
    case "bigints":
      return { type: "int", values: operand.values };
    case "floats":
      return { type: "float", values: operand.values };
    case "mask":
      return { type: "bool", values: operand.values };
    case "instants":
      return { type: "datetime", values: operand.values };
    case "bigcents":
      return { type: "decimal2", values: operand.values };
    case "texts":
      return textColumn(operand, rows);
    case "scaled":
      return scaledVector(operand, rows);
    case "shortest":
      return scaledVector(niceScaled(operand.values) ?? operand, rows);
    default:
      return boxedVector(type, operand, rows);
  }
}

function constantVector(type: FieldType, value: Value, rows: number): Vector {
  const single = vectorFrom(type, [value]);
  if ("exact" in single)
    return vectorFrom(
      type,
      Array.from({ length: rows }, () => value),
    );
  return constantColumn(type, value, rows);
}

function textColumn(operand: TextOperand, rows: number): Vector {
  if (operand.column !== undefined) return operand.column;
  const { codes, texts } = operand;
  if (codes !== undefined && !paysByEntry(operand, rows))
    return boxedVector("string", operand, rows);
  const entries = columnFrom("string", texts) as StringColumn;
  return codes === undefined ? entries : stringColumn(codes, entries);
}

function scaledVector(operand: ScaledOperand | ShortestOperand, rows: number): Vector {
  if (operand.form === "shortest") return boxedVector("decimal2", operand, rows);
  const { values, scale } = operand;
  if (scale === 2) return { type: "decimal2", values };
  if (scale < 2) {
    const factor = 10 ** (2 - scale);
    const limit = Math.floor(Number.MAX_SAFE_INTEGER / factor);
    if (values.every((value) => value <= limit && value >= -limit)) {
      return { type: "decimal2", values: values.map((value) => value * factor) };
    }
  }
  return boxedVector("decimal2", operand, rows);
}

function boxedVector(type: FieldType, operand: Operand, rows: number): Vector {
  const read = rowReader(operand);
  const values = Array.from({ length: rows }, (_, row) => read(row) as Value);
  return vectorFrom(type, values);
}
