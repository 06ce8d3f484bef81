import { dateTimeFromMs, decimalFromFloat, type Decimal } from "#pkg/value";
import type { Scalar } from "../operation.ts";
import type { Operand } from "./operand.ts";

/** The value of one row. */
export type ReadRow = (row: number) => Scalar;

/** Reads single rows of an operand of any form, as the scalar evaluator sees them. */
export function rowReader(operand: Operand): ReadRow {
  switch (operand.form) {
    case "constant": {
      const { value } = operand;
      return () => value;
    }
    case "ints": {
      const { values } = operand;
      return (row) => BigInt(values[row] as number);
    }
    case "bigints":
    case "floats": {
      const { values } = operand;
      return (row) => values[row] as number | bigint;
    }
    case "mask": {
      const { values } = operand;
      return (row) => values[row] === 1;
    }
    case "texts": {
      const { codes, texts } = operand;
      if (codes === undefined) return (row) => texts[row] as string;
      return (row) => texts[codes[row] as number] as string;
    }
    case "boxed": {
      const { values } = operand;
      return (row) => values[row] as Scalar;
    }
    case "instants": {
      const { values } = operand;
      return (row) => dateTimeFromMs(values[row] as number);
    }
    default:
      return decimalReader(operand);
  }
}

type DecimalOperand = Extract<Operand, { form: "scaled" | "shortest" | "bigcents" }>;

function decimalReader(operand: DecimalOperand): ReadRow {
  switch (operand.form) {
    case "scaled": {
      const { values, scale } = operand;
      return (row) => ({ digits: BigInt(values[row] as number), scale });
    }
    case "bigcents": {
      const { values } = operand;
      return (row) => ({ digits: values[row] as bigint, scale: 2 });
    }
    case "shortest": {
      const { values } = operand;
      return (row) => decimalFromFloat(values[row] as number) as Decimal;
    }
  }
}
