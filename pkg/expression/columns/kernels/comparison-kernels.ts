import { compareUtf8 } from "#pkg/value";
import { leftText, rightText, TESTS, type ComparisonOperator } from "../../comparison.ts";
import { promoted } from "../../operation.ts";
import type { Kind } from "../../types.ts";
import { doublesOf, floatsOf, sameScale } from "../doubles.ts";
import { paysByEntry, type ConstantOperand, type Operand, type TextOperand } from "../operand.ts";
import { maskOf } from "../select.ts";
import { decimalsOf, type NumberKinds } from "./decimal-kernels.ts";
import type { Kernel, KernelMaker } from "./kernel.ts";
import { COMPARISONS, type Comparison } from "./loops.ts";

export const comparisonKernel: KernelMaker = ({ name }, kinds) => {
  const [left, right] = kinds as [Kind, Kind];
  const compare = COMPARISONS.get(name) as Comparison;
  const promotion = promoted(left, right);
  if (promotion !== undefined) return numberKernel(compare, promotion, kinds as NumberKinds);
  if (left === "datetime") return instantKernel(compare);
  return left === "string" ? textKernel(name as ComparisonOperator) : maskKernel(name === "==");
};

function numberKernel(
  compare: Comparison,
  promotion: "int" | "float" | "decimal2",
  [leftKind, rightKind]: NumberKinds,
): Kernel {
  const view = { int: doublesOf, float: floatsOf, decimal2: decimalsOf }[promotion];
  return ([left, right], rows) => {
    const a = view(leftKind, left as Operand);
    const b = view(rightKind, right as Operand);
    const both = a === undefined || b === undefined ? undefined : sameScale(a, b);
    if (both === undefined) return undefined;
    return { form: "mask", values: compare(both[0], both[1], rows) };
  };
}

export function instantKernel(compare: Comparison): Kernel {
  return ([left, right], rows) => {
    const a = doublesOf("datetime", left as Operand);
    const b = doublesOf("datetime", right as Operand);
    if (a === undefined || b === undefined) return undefined;
    return { form: "mask", values: compare(a, b, rows) };
  };
}

function maskKernel(isEquality: boolean): Kernel {
  const flip = isEquality ? 1 : 0;
  return ([left, right], rows) => {
    const other = maskOf(right as Operand, rows);
    const values = maskOf(left as Operand, rows).map(
      (byte, row) => byte ^ (other[row] as number) ^ flip,
    );
    return { form: "mask", values };
  };
}

type TestTexts = (left: string, right: string) => boolean;

function textTest(operator: ComparisonOperator): TestTexts {
  if (operator === "==") return (left, right) => left === right;
  if (operator === "!=") return (left, right) => left !== right;
  const test = TESTS[operator];
  return (left, right) => test(compareUtf8(left, right));
}

function textKernel(operator: ComparisonOperator): Kernel {
  const test = textTest(operator);
  return ([left, right], rows) => {
    if (left?.form === "texts") {
      if (right?.form === "texts") return testPairs(left, right, rows, test);
      const other = rightText((right as ConstantOperand).value as string);
      return testEntries(left, rows, (text) => test(leftText(text), other));
    }
    if (right?.form !== "texts") return undefined;
    const other = leftText((left as ConstantOperand).value as string);
    return testEntries(right, rows, (text) => test(other, rightText(text)));
  };
}

const UNKNOWN = 2;

/** Every entry is tested once, when a row uses it. */
function testEntries(operand: TextOperand, rows: number, test: (text: string) => boolean): Operand {
  const { codes, texts } = operand;
  const values = new Uint8Array(rows);
  if (codes === undefined || !paysByEntry(operand, rows)) {
    for (let row = 0; row < rows; row += 1) {
      values[row] = test(texts[codes?.[row] ?? row] as string) ? 1 : 0;
    }
    return { form: "mask", values };
  }
  const known = new Uint8Array(texts.length).fill(UNKNOWN);
  for (let row = 0; row < rows; row += 1) {
    const code = codes[row] as number;
    let result = known[code] as number;
    if (result === UNKNOWN) {
      result = test(texts[code] as string) ? 1 : 0;
      known[code] = result;
    }
    values[row] = result;
  }
  return { form: "mask", values };
}

function testPairs(left: TextOperand, right: TextOperand, rows: number, test: TestTexts): Operand {
  const values = new Uint8Array(rows);
  const { codes: leftCodes, texts: leftTexts } = left;
  const { codes: rightCodes, texts: rightTexts } = right;
  for (let row = 0; row < rows; row += 1) {
    const a = leftTexts[leftCodes === undefined ? row : (leftCodes[row] as number)] as string;
    const b = rightTexts[rightCodes === undefined ? row : (rightCodes[row] as number)] as string;
    values[row] = test(leftText(a), rightText(b)) ? 1 : 0;
  }
  return { form: "mask", values };
}
