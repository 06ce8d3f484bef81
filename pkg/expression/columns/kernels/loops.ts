import type { Doubles } from "../doubles.ts";

/** One operator over all rows of two operands. */
export type Loop = (left: Doubles, right: Doubles, rows: number) => Float64Array;

function add(left: Doubles, right: Doubles, rows: number): Float64Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) + (b[row & bStep] as number);
  }
  return result;
}

function subtract(left: Doubles, right: Doubles, rows: number): Float64Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) - (b[row & bStep] as number);
  }
  return result;
}

function multiply(left: Doubles, right: Doubles, rows: number): Float64Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) * (b[row & bStep] as number);
  }
  return result;
}

function divide(left: Doubles, right: Doubles, rows: number): Float64Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) / (b[row & bStep] as number);
  }
  return result;
}

export const LOOPS: ReadonlyMap<string, Loop> = new Map([
  ["+", add],
  ["-", subtract],
  ["*", multiply],
  ["/", divide],
]);

/** Quotients of safe integers cut to whole numbers: the double quotient never rounds up to the next integer. */
export function divideWhole(left: Doubles, right: Doubles, rows: number): Float64Array | undefined {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const divisor = b[row & bStep] as number;
    if (divisor === 0) return undefined;
    result[row] = Math.trunc((a[row & aStep] as number) / divisor) + 0;
  }
  return result;
}

export function remainder(left: Doubles, right: Doubles, rows: number): Float64Array | undefined {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const divisor = b[row & bStep] as number;
    if (divisor === 0) return undefined;
    result[row] = ((a[row & aStep] as number) % divisor) + 0;
  }
  return result;
}

/** A comparison over all rows: 1 where it holds. */
export type Comparison = (left: Doubles, right: Doubles, rows: number) => Uint8Array;

function less(left: Doubles, right: Doubles, rows: number): Uint8Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) < (b[row & bStep] as number) ? 1 : 0;
  }
  return result;
}

function lessOrEqual(left: Doubles, right: Doubles, rows: number): Uint8Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) <= (b[row & bStep] as number) ? 1 : 0;
  }
  return result;
}

function equal(left: Doubles, right: Doubles, rows: number): Uint8Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) === (b[row & bStep] as number) ? 1 : 0;
  }
  return result;
}

function unequal(left: Doubles, right: Doubles, rows: number): Uint8Array {
  const { values: a, step: aStep } = left;
  const { values: b, step: bStep } = right;
  const result = new Uint8Array(rows);
  for (let row = 0; row < rows; row += 1) {
    result[row] = (a[row & aStep] as number) === (b[row & bStep] as number) ? 0 : 1;
  }
  return result;
}

export const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["==", equal],
  ["!=", unequal],
  ["<", less],
  ["<=", lessOrEqual],
  [">", (left, right, rows) => less(right, left, rows)],
  [">=", (left, right, rows) => lessOrEqual(right, left, rows)],
]);
