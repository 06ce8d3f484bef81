import type { Scalar } from "../operation.ts";
import type { Kind } from "../types.ts";
import { gatherOperand } from "./gather-operand.ts";
import { doublesOf, sameScale, type Doubles } from "./doubles.ts";
import { paysByEntry, type ConstantOperand, type Operand, type TextOperand } from "./operand.ts";
import { packOperand } from "./pack-operand.ts";
import { rowReader } from "./read-operand.ts";

/** A bool operand as bytes. */
export function maskOf(operand: Operand, rows: number): Uint8Array {
  if (operand.form === "mask") return operand.values;
  const { value } = operand as ConstantOperand;
  return new Uint8Array(rows).fill(value === true ? 1 : 0);
}

/** The rows whose mask byte is `wanted`. */
export function positionsOf(mask: Uint8Array, wanted: number): Int32Array {
  const positions = new Int32Array(mask.length);
  let count = 0;
  for (let row = 0; row < mask.length; row += 1) {
    if (mask[row] === wanted) {
      positions[count] = row;
      count += 1;
    }
  }
  return positions.subarray(0, count);
}

/** Spreads the rows of an operand over `rows` rows; the rows between repeat its first one. */
export function scatter(operand: Operand, positions: Int32Array, rows: number): Operand {
  const index = new Int32Array(rows);
  for (let at = 0; at < positions.length; at += 1) index[positions[at] as number] = at;
  return gatherOperand(operand, index);
}

/** Row by row one of two operands of the same kind. */
export function choose(kind: Kind, mask: Uint8Array, yes: Operand, no: Operand): Operand {
  return (
    chooseDoubles(kind, mask, yes, no) ??
    chooseTexts(mask, yes, no) ??
    chooseBoxed(kind, mask, yes, no)
  );
}

function chooseDoubles(
  kind: Kind,
  mask: Uint8Array,
  yes: Operand,
  no: Operand,
): Operand | undefined {
  if (kind !== "int" && kind !== "float" && kind !== "decimal2") return undefined;
  const left = doublesOf(kind, yes);
  const right = doublesOf(kind, no);
  const both = left === undefined || right === undefined ? undefined : sameScale(left, right);
  if (both === undefined) return undefined;
  const [first, second] = both;
  const values = pick(mask, first, second);
  if (kind === "int") return { form: "ints", values };
  return kind === "float"
    ? { form: "floats", values }
    : { form: "scaled", values, scale: first.scale };
}

function pick(mask: Uint8Array, yes: Doubles, no: Doubles): Float64Array {
  const result = new Float64Array(mask.length);
  const { values: left, step: leftStep } = yes;
  const { values: right, step: rightStep } = no;
  for (let row = 0; row < result.length; row += 1) {
    result[row] = (mask[row] === 1 ? left[row & leftStep] : right[row & rightStep]) as number;
  }
  return result;
}

/** Both dictionaries one after the other. */
function chooseTexts(mask: Uint8Array, yes: Operand, no: Operand): Operand | undefined {
  const left = dictionaryOf(yes, mask.length);
  const right = dictionaryOf(no, mask.length);
  if (left === undefined || right === undefined) return undefined;
  const codes = new Int32Array(mask.length);
  chooseCodes(codes, left.codes, { mask, wanted: 1, shift: 0 });
  chooseCodes(codes, right.codes, { mask, wanted: 0, shift: left.texts.length });
  return { form: "texts", codes, texts: [...left.texts, ...right.texts], column: undefined };
}

interface CodeChoice {
  readonly mask: Uint8Array;
  readonly wanted: number;
  readonly shift: number;
}

function chooseCodes(
  target: Int32Array,
  codes: Int32Array | undefined,
  { mask, wanted, shift }: CodeChoice,
): void {
  for (let row = 0; row < target.length; row += 1) {
    if (mask[row] !== wanted) continue;
    target[row] = (codes === undefined ? 0 : (codes[row] as number)) + shift;
  }
}

/** Codes undefined here means: always the only entry. */
function dictionaryOf(
  operand: Operand,
  rows: number,
): Pick<TextOperand, "codes" | "texts"> | undefined {
  if (operand.form === "texts") return paysByEntry(operand, rows) ? operand : undefined;
  if (operand.form !== "constant" || typeof operand.value !== "string") return undefined;
  return { codes: undefined, texts: [operand.value] };
}

function chooseBoxed(kind: Kind, mask: Uint8Array, yes: Operand, no: Operand): Operand {
  const left = rowReader(yes);
  const right = rowReader(no);
  const values: Scalar[] = [];
  for (let row = 0; row < mask.length; row += 1) {
    values.push(mask[row] === 1 ? left(row) : right(row));
  }
  return packOperand(kind, values);
}
