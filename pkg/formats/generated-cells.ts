import type { FieldType } from "#pkg/value";
import { FIRST_YEAR, type DateShape } from "./date-shape.ts";
import type { PlannedColumn } from "./column-plan.ts";

/** A column with its index in the plan: the suffix of its names in the code. */
export type CellTarget = Pick<PlannedColumn, "column" | "shape"> & { readonly index: number };

/** Condition: the cell ends at p. */
const terminator = (separator: number, isLast: boolean): string =>
  isLast ? "((c = b[p]) === 10 || (c === 13 && b[p + 1] === 10))" : `b[p] === ${separator}`;

const orExactly = (index: number): string =>
  `else if ((p = S.cell(${index}, s, row)) < 0) break rows;`;

const DIGITS = "while ((c = b[p] ^ 48) < 10) { v = v * 10 + c; p++; }";
const SIGN = "if ((neg = b[p] === 45)) p++; q = p; v = 0;";

const intCode = (index: number, ends: string): string => `
${SIGN} ${DIGITS}
if (p > q && p - q < 16 && ${ends}) A${index}[row] = neg ? 0 - v : v;
${orExactly(index)}`;

/** v is cents; q becomes p + 1 when the text is not the usual one. */
const decimalCode = (index: number, ends: string): string => `
${SIGN} ${DIGITS}
if (p > q && p - q < 14) {
  v *= 100;
  if (b[p] === 46) {
    if ((c = b[++p] ^ 48) < 10) {
      v += c * 10;
      if ((c = b[++p] ^ 48) < 10) {
        v += c;
        if ((c = b[++p] ^ 48) < 10) { if (c > 4) v++; do p++; while ((b[p] ^ 48) < 10); }
      }
    } else q = p + 1;
  }
} else q = p + 1;
if (q <= p && ${ends}) A${index}[row] = neg ? 0 - v : v;
${orExactly(index)}`;

/** n is the number of digits behind the point. Both v and the power are exact, so is their rounded quotient. */
const floatCode = (index: number, ends: string): string => `
${SIGN} ${DIGITS}
n = 0;
if (b[p] === 46) { p++; n = p; ${DIGITS} n = p - n; q++; }
if (p > q && p - q < 16 && ${ends}) { if (n > 0) v /= P10[n]; A${index}[row] = neg ? -v : v; }
${orExactly(index)}`;

const boolCode = (index: number, ends: string): string => `
c = b[p]; v = c === 116 || c === 84 || c === 49 ? 1 : 0;
if (c === 116 && b[p + 1] === 114 && b[p + 2] === 117 && b[p + 3] === 101) p += 4;
else if (c === 102 && b[p + 1] === 97 && b[p + 2] === 108 && b[p + 3] === 115 && b[p + 4] === 101) p += 5;
else if (v === 1 || c === 102 || c === 70 || c === 48) p++;
if (p > s && ${ends}) A${index}[row] = v;
${orExactly(index)}`;

const two = (offset: number): string => `T2[(b[s + ${offset}] << 8) | b[s + ${offset + 1}]]`;

function timeConditions(shape: DateShape): string[] {
  const part = (offset: number, name: string, limit: number): string[] =>
    offset < 0 ? [] : [`(${name} = ${two(offset)}) < ${limit}`];
  return [
    ...part(shape.hour, "x", 24),
    ...part(shape.minute, "y", 60),
    ...part(shape.second, "z", 60),
  ];
}

/** n becomes the milliseconds; digits finer than that must be zero. */
function fractionConditions({ fraction, fractionDigits }: DateShape): string[] {
  if (fraction < 0) return [];
  const places = Array.from({ length: fractionDigits }, (_, i) => i);
  return places.map((i) => {
    const digit = `(c = b[s + ${fraction + i}] ^ 48)`;
    return i < 3 ? `${digit} < 10 && (n += c * ${10 ** (2 - i)}) >= 0` : `${digit} === 0`;
  });
}

function datetimeCode(index: number, ends: string, shape: DateShape): string {
  const conditions = [
    ends,
    ...shape.literals.map(({ offset, byte }) => `b[s + ${offset}] === ${byte}`),
    `((q = ${two(shape.year)}) === 19 || q === 20)`,
    `(v = ${two(shape.year + 2)}) < 100`,
    `(h = ${two(shape.month)}) < 13`,
    `(c = ${two(shape.day)}) < 32`,
    `(v = DAYS[((q * 100 + v - ${FIRST_YEAR}) << 9) + (h << 5) + c]) > -1000000`,
    ...timeConditions(shape),
    ...fractionConditions(shape),
  ];
  return `
p += ${shape.length}; n = 0; x = 0; y = 0; z = 0;
if (${conditions.join(" && ")}) A${index}[row] = v * 86400000 + (x * 3600 + y * 60 + z) * 1000 + n;
${orExactly(index)}`;
}

function stringCode(index: number, separator: number, isLast: boolean): string {
  const largest = Math.max(separator, 13);
  const cr = isLast ? " && (c !== 13 || b[p + 1] !== 10)" : "";
  const more = `(c = b[p]) > ${largest} || (c !== ${separator} && c !== 10${cr})`;
  return `
if (b[p] === 34) { if ((p = S.cell(${index}, s, row)) < 0) break rows; }
else if (C${index}.plain) {
  while (${more}) p++;
  if (!C${index}.addPlain(b, s, p, row)) { p = S.refuse(${index}, s, p, row); break rows; }
} else {
  h = 0;
  while (${more}) { h = (Math.imul(h, 31) + c) | 0; p++; }
  C${index}.hash = h;
  if (!C${index}.addCoded(b, s, p, row)) { p = S.refuse(${index}, s, p, row); break rows; }
}`;
}

/** Code for cells without col_format, by type. */
const PLAIN: Readonly<
  Record<Exclude<FieldType, "datetime" | "string">, (index: number, ends: string) => string>
> = {
  int: intCode,
  decimal2: decimalCode,
  float: floatCode,
  bool: boolCode,
};

/**
 * Code that reads one cell from p (= s) into row `row` and leaves p at its terminator, or leaves the loop `rows` with p < 0.
 * A cell without a usual text goes to `S.cell`.
 */
export function cellCode(
  { column, shape, index }: CellTarget,
  separator: number,
  isLast: boolean,
): string {
  const ends = terminator(separator, isLast);
  if (column.type === "datetime" && shape !== undefined) return datetimeCode(index, ends, shape);
  if (column.type === "datetime" || column.format !== "")
    return `if ((p = S.cell(${index}, s, row)) < 0) break rows;`;
  return column.type === "string"
    ? stringCode(index, separator, isLast)
    : PLAIN[column.type](index, ends);
}
