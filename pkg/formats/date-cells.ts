import { DAY_NUMBERS, FIRST_YEAR, TWO_DIGITS, type DateShape } from "./date-shape.ts";
import type { CellScan } from "./plain-cells.ts";

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

function dateCode(shape: DateShape): string {
  const conditions = [
    "(b[p] === C.end || (C.end === 10 && b[p] === 13 && b[p + 1] === 10))",
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
return function dateCell(b, s, row, C) {
  const p = s + ${shape.length};
  let n = 0, x = 0, y = 0, z = 0, q = 0, v = 0, h = 0, c = 0;
  if (!(${conditions.join(" && ")})) return -1;
  C.values[row] = v * 86400000 + (x * 3600 + y * 60 + z) * 1000 + n;
  return p;
}`;
}

type Factory = (twoDigits: Uint8Array, dayNumbers: Int32Array) => CellScan;

/** By their code, so that all columns of one layout share an optimised function. */
const known = new Map<string, CellScan>();
const MAX_KNOWN = 256;

/**
 * Reads cells of exactly this shape in the years 1900-2099 without digits finer than milliseconds. Nothing but numbers made from the
 * layout gets into the code.
 */
export function dateCellOf(shape: DateShape): CellScan {
  const code = dateCode(shape);
  let cell = known.get(code);
  if (cell === undefined) {
    // eslint-disable-next-line typescript/no-implied-eval
    cell = (new Function("T2", "DAYS", code) as Factory)(TWO_DIGITS, DAY_NUMBERS);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(code, cell);
  }
  return cell;
}
