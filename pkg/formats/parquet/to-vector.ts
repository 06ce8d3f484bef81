import { Fault } from "#pkg/fault";
import { safeDoubles, vectorFrom, type StringColumn, type Vector } from "#pkg/rowset";
import { dateTimeFromMs, type DateTime, type Decimal, type Value } from "#pkg/value";
import { parseFloat16 } from "hyparquet/src/convert.js";
import { MAX_CELL } from "../bytes.ts";
import { firstInvalidUtf8 } from "../utf8.ts";
import { cellProblem, countOf, int96ToNs, isBeyond, MS_PER_DAY } from "./cell-problem.ts";
import { wholeNumbers } from "./whole-numbers.ts";
import type { CellKind } from "./leaves.ts";
import type { Physical } from "./page-values.ts";
import type { Texts } from "./texts.ts";

/** Values of a page or dictionary as a vector. Throws CELL_INVALID, CELL_TOO_LARGE or ENCODING_INVALID with facts.entry. */
export function toVector(kind: CellKind, physical: Physical): Vector {
  switch (kind.type) {
    case "string":
      return textVector(kind, physical as Texts);
    case "bool":
      return { type: "bool", values: Uint8Array.from(physical as readonly boolean[], Number) };
    case "float":
      return { type: "float", values: floats(kind.half, physical) };
    case "int":
      return intVector(kind, physical);
    case "decimal2":
      return decimalVector(kind.scale, wholeNumbers(physical));
    default:
      return datetimeVector(kind, physical);
  }
}

function textVector(kind: CellKind, texts: Texts): StringColumn {
  const { offsets, bytes } = texts;
  const end = offsets.at(-1) as number;
  if (firstInvalidUtf8(bytes, 0, end) >= 0 || cutsCharacters(offsets, bytes)) refuse(kind, texts);
  for (let entry = 0; entry + 1 < offsets.length; entry++)
    if ((offsets[entry + 1] as number) - (offsets[entry] as number) > MAX_CELL) refuse(kind, texts);
  return { type: "string", codes: undefined, offsets, bytes: bytes.subarray(0, end) };
}

/** True when an entry begins inside a character of the entry before it. */
function cutsCharacters(offsets: Int32Array, bytes: Uint8Array): boolean {
  for (let entry = 1; entry + 1 < offsets.length; entry++)
    if (((bytes[offsets[entry] as number] as number) & 0xc0) === 0x80) return true;
  return false;
}

/** Throws what is wrong with the first value that is no cell. */
function refuse(kind: CellKind, physical: Physical): never {
  const count = countOf(physical);
  for (let entry = 0; entry < count; entry++) {
    const problem = cellProblem(kind, physical, entry);
    if (problem !== undefined) throw new Fault(problem.code, problem.message, { facts: { entry } });
  }
  throw new Fault("INTERNAL", `no ${kind.type} of these is wrong`);
}

function floats(half: boolean, physical: Physical): Float64Array {
  if (physical instanceof Float64Array) return physical;
  if (!half) return Float64Array.from(physical as Float32Array);
  return Float64Array.from(physical as readonly Uint8Array[], (bytes) =>
    Number(parseFloat16(bytes)),
  );
}

const NARROW = 2 ** 32;

function intVector(kind: CellKind & { readonly type: "int" }, physical: Physical): Vector {
  const { unsigned } = kind;
  if (physical instanceof Int32Array) {
    const values = new Float64Array(physical);
    if (unsigned)
      values.forEach((value, row) => {
        if (value < 0) values[row] = value + NARROW;
      });
    return { type: "int", values };
  }
  const whole = physical as BigInt64Array;
  if (unsigned && whole.some((value) => value < 0n)) refuse(kind, physical);
  return { type: "int", values: safeDoubles(whole) ?? whole };
}

const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** Cents while they are exact and small; any other digits keep their exact form (spec/script.md 11.1). */
function decimalVector(scale: number, digits: Float64Array | readonly bigint[]): Vector {
  if (digits instanceof Float64Array && scale >= 0 && scale <= 2) {
    const factor = 10 ** (2 - scale);
    if (factor === 1) return { type: "decimal2", values: digits };
    const cents = digits.map((value) => value * factor);
    if (cents.every((value) => Math.abs(value) <= MAX_SAFE))
      return { type: "decimal2", values: cents };
  }
  const factor = scale < 0 ? 10n ** BigInt(-scale) : 1n;
  const exact: Decimal[] = [];
  for (const value of digits)
    exact.push({ digits: BigInt(value) * factor, scale: Math.max(scale, 0) });
  return vectorFrom("decimal2", exact);
}

const NS_PER_MS = 1_000_000n;

function datetimeVector(
  kind: CellKind & { readonly type: "datetime" },
  physical: Physical,
): Vector {
  const { unit } = kind;
  if (physical instanceof Int32Array) {
    const values = Float64Array.from(physical, (days) => days * MS_PER_DAY);
    if (anyBeyond(values, 1)) refuse(kind, physical);
    return { type: "datetime", values };
  }
  if (unit === "int96") {
    const times = Array.from(physical as readonly bigint[], int96ToNs);
    if (times.some((ns) => isBeyond(Number(ns / NS_PER_MS)))) refuse(kind, physical);
    return exactTimes(times);
  }
  const whole = physical as BigInt64Array;
  if (unit === "ns") return exactTimes(Array.from(whole));
  return countedTimes(kind, whole, unit === "us" ? 1000 : 1);
}

/** A loop of its own: it looks at every time of a file. */
function anyBeyond(values: Float64Array, divisor: number): boolean {
  for (let entry = 0; entry < values.length; entry++)
    if (isBeyond((values[entry] as number) / divisor)) return true;
  return false;
}

/** Milliseconds, or what they are `divisor` times as many of. */
function countedTimes(kind: CellKind, whole: BigInt64Array, divisor: 1 | 1000): Vector {
  const doubles = safeDoubles(whole);
  if (doubles === undefined) {
    if (whole.some((value) => isBeyond(Number(value / BigInt(divisor))))) refuse(kind, whole);
    return exactTimes(Array.from(whole, (us) => us * 1000n));
  }
  if (anyBeyond(doubles, divisor)) refuse(kind, whole);
  if (divisor === 1) return { type: "datetime", values: doubles };
  if (doubles.every((value) => value % divisor === 0))
    return { type: "datetime", values: doubles.map((value) => value / divisor) };
  return exactTimes(Array.from(whole, (value) => value * 1000n));
}

function exactTimes(times: readonly bigint[]): Vector {
  if (times.every((ns) => ns % NS_PER_MS === 0n))
    return { type: "datetime", values: Float64Array.from(times, (ns) => Number(ns / NS_PER_MS)) };
  const exact: Value[] = times.map((ns): DateTime => ({ ...dateTimeFromMs(0), ns }));
  return vectorFrom("datetime", exact);
}
