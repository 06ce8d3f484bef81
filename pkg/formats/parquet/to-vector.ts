import { Fault } from "#pkg/fault";
import { safeDoubles, vectorFrom, type StringColumn, type Vector } from "#pkg/rowset";
import { dateTimeFromMs, type DateTime, type Decimal, type Value } from "#pkg/value";
import { parseFloat16 } from "hyparquet/src/convert.js";
import { MAX_CELL } from "../bytes.ts";
import { firstInvalidUtf8 } from "../utf8.ts";
import { wholeNumbers } from "./whole-numbers.ts";
import type { CellKind, TimeUnit } from "./leaves.ts";
import type { Physical } from "./page-values.ts";
import type { Texts } from "./texts.ts";

/** Values of a page or dictionary as a vector. Throws CELL_INVALID, CELL_TOO_LARGE or ENCODING_INVALID with facts.entry. */
export function toVector(kind: CellKind, physical: Physical): Vector {
  switch (kind.type) {
    case "string":
      return textVector(physical as Texts);
    case "bool":
      return { type: "bool", values: Uint8Array.from(physical as readonly boolean[], Number) };
    case "float":
      return { type: "float", values: floats(kind.half, physical) };
    case "int":
      return intVector(kind.unsigned, physical);
    case "decimal2":
      return decimalVector(kind.scale, wholeNumbers(physical));
    default:
      return datetimeVector(kind.unit, physical);
  }
}

function textVector({ offsets, bytes }: Texts): StringColumn {
  const end = offsets.at(-1) as number;
  for (let entry = 0; entry + 1 < offsets.length; entry++) {
    const from = offsets[entry] as number;
    const to = offsets[entry + 1] as number;
    if (to - from > MAX_CELL)
      throw new Fault("CELL_TOO_LARGE", "the cell has more than 64 MB", { facts: { entry } });
  }
  if (firstInvalidUtf8(bytes, 0, end) >= 0 || cutsCharacters(offsets, bytes))
    refuse(offsets, bytes);
  return { type: "string", codes: undefined, offsets, bytes: bytes.subarray(0, end) };
}

/** True when an entry begins inside a character of the entry before it. */
function cutsCharacters(offsets: Int32Array, bytes: Uint8Array): boolean {
  for (let entry = 1; entry + 1 < offsets.length; entry++)
    if (((bytes[offsets[entry] as number] as number) & 0xc0) === 0x80) return true;
  return false;
}

function refuse(offsets: Int32Array, bytes: Uint8Array): void {
  for (let entry = 0; entry + 1 < offsets.length; entry++) {
    const from = offsets[entry] as number;
    const at = firstInvalidUtf8(bytes, from, offsets[entry + 1] as number);
    if (at < 0) continue;
    const value = (bytes[at] as number).toString(16).padStart(2, "0");
    throw new Fault(
      "ENCODING_INVALID",
      `byte ${at - from + 1} of the cell (0x${value}) is not UTF-8`,
      {
        facts: { entry },
      },
    );
  }
}

function floats(half: boolean, physical: Physical): Float64Array {
  if (physical instanceof Float64Array) return physical;
  if (!half) return Float64Array.from(physical as Float32Array);
  return Float64Array.from(physical as readonly Uint8Array[], (bytes) =>
    Number(parseFloat16(bytes)),
  );
}

const NARROW = 2 ** 32;

function intVector(unsigned: boolean, physical: Physical): Vector {
  if (physical instanceof Int32Array) {
    const values = new Float64Array(physical);
    if (unsigned)
      values.forEach((value, row) => {
        if (value < 0) values[row] = value + NARROW;
      });
    return { type: "int", values };
  }
  const whole = physical as BigInt64Array;
  const entry = unsigned ? whole.findIndex((value) => value < 0n) : -1;
  if (entry >= 0) {
    const value = BigInt.asUintN(64, whole[entry] as bigint);
    throw new Fault("CELL_INVALID", `${value} is beyond 64 bits with a sign`, { facts: { entry } });
  }
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

const MS_PER_DAY = 86_400_000;
const NS_PER_MS = 1_000_000n;
const NS_PER_DAY = 86_400_000_000_000n;
const EPOCH_JULIAN_DAY = 2_440_588n;
/** Milliseconds that a date of this calendar can have, years 1 to 9999 and a wide margin. */
const MAX_MS = 8.64e15;

function datetimeVector(unit: TimeUnit, physical: Physical): Vector {
  if (physical instanceof Int32Array)
    return { type: "datetime", values: Float64Array.from(physical, (days) => days * MS_PER_DAY) };
  if (unit === "int96") return exactTimes(Array.from(physical as readonly bigint[], int96ToNs));
  const whole = physical as BigInt64Array;
  if (unit === "ns") return exactTimes(Array.from(whole));
  const doubles = safeDoubles(whole);
  const divisor = unit === "us" ? 1000 : 1;
  const entry =
    doubles?.findIndex((value) => Math.abs(value / divisor) > MAX_MS) ??
    whole.findIndex((value) => value > MAX_SAFE || value < -MAX_SAFE);
  if (entry >= 0 || doubles === undefined)
    throw new Fault("CELL_INVALID", `${whole[entry]} is no time that a calendar shows`, {
      facts: { entry },
    });
  if (divisor === 1) return { type: "datetime", values: doubles };
  if (doubles.every((value) => value % divisor === 0))
    return { type: "datetime", values: doubles.map((value) => value / divisor) };
  return exactTimes(Array.from(whole, (value) => value * 1000n));
}

const int96ToNs = (value: bigint): bigint =>
  ((value >> 64n) - EPOCH_JULIAN_DAY) * NS_PER_DAY + BigInt.asUintN(64, value);

function exactTimes(times: readonly bigint[]): Vector {
  if (times.every((ns) => ns % NS_PER_MS === 0n))
    return { type: "datetime", values: Float64Array.from(times, (ns) => Number(ns / NS_PER_MS)) };
  const exact: Value[] = times.map((ns): DateTime => ({ ...dateTimeFromMs(0), ns }));
  return vectorFrom("datetime", exact);
}
