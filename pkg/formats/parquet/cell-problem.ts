import { MAX_CELL } from "../bytes.ts";
import { firstInvalidUtf8 } from "../utf8.ts";
import type { CellKind } from "./leaves.ts";
import type { Physical } from "./page-values.ts";
import type { Texts } from "./texts.ts";

export const isTexts = (physical: Physical): physical is Texts => "offsets" in physical;

export const countOf = (physical: Physical): number =>
  isTexts(physical) ? physical.offsets.length - 1 : physical.length;

/** Why a value of a file cannot be a cell. */
export interface CellProblem {
  readonly code: "CELL_INVALID" | "CELL_TOO_LARGE" | "ENCODING_INVALID";
  readonly message: string;
}

export const MS_PER_DAY = 86_400_000;
/** Milliseconds that a date of this calendar can have, years 1 to 9999 and a wide margin. */
const MAX_MS = 8.64e15;

export const isBeyond = (ms: number): boolean => Math.abs(ms) > MAX_MS;

const NS_PER_DAY = 86_400_000_000_000n;
export const EPOCH_JULIAN_DAY = 2_440_588n;

export const int96ToNs = (value: bigint): bigint =>
  ((value >> 64n) - EPOCH_JULIAN_DAY) * NS_PER_DAY + BigInt.asUintN(64, value);

/** Undefined when there is nothing wrong with the value. */
export function cellProblem(
  kind: CellKind,
  physical: Physical,
  entry: number,
): CellProblem | undefined {
  switch (kind.type) {
    case "string":
      return textProblem(physical as Texts, entry);
    case "int":
      return kind.unsigned && physical instanceof BigInt64Array && (physical[entry] as bigint) < 0n
        ? invalid(`${cellText(kind, physical, entry)} is beyond 64 bits with a sign`)
        : undefined;
    case "datetime":
      return isTime(kind, physical, entry)
        ? undefined
        : invalid(`${cellText(kind, physical, entry)} is no time that a calendar shows`);
    default:
      return undefined;
  }
}

const invalid = (message: string): CellProblem => ({ code: "CELL_INVALID", message });

function textProblem({ offsets, bytes }: Texts, entry: number): CellProblem | undefined {
  const [from, to] = [offsets[entry] as number, offsets[entry + 1] as number];
  if (to - from > MAX_CELL)
    return { code: "CELL_TOO_LARGE", message: "the cell has more than 64 MB" };
  const at = firstInvalidUtf8(bytes, from, to);
  if (at < 0) return undefined;
  const value = (bytes[at] as number).toString(16).padStart(2, "0");
  const message = `byte ${at - from + 1} of the cell (0x${value}) is not UTF-8`;
  return { code: "ENCODING_INVALID", message };
}

function isTime(
  { unit }: CellKind & { readonly type: "datetime" },
  physical: Physical,
  entry: number,
): boolean {
  if (physical instanceof Int32Array) return !isBeyond((physical[entry] as number) * MS_PER_DAY);
  const value = (physical as BigInt64Array | readonly bigint[])[entry] as bigint;
  return !isBeyond(Number(unit === "int96" ? int96ToNs(value) / NS_PER_MS : value / PER_MS[unit]));
}

const NS_PER_MS = 1_000_000n;
const PER_MS = { days: 1n, ms: 1n, us: 1000n, ns: NS_PER_MS };

const SHOWN_BYTES = 1024;

/** What stands in the file, for people: bytes that are no text are shown as U+FFFD, of a text that is too large the beginning. */
export function cellText(kind: CellKind, physical: Physical, entry: number): string {
  if (kind.type === "string") {
    const { offsets, bytes } = physical as Texts;
    const [from, to] = [offsets[entry] as number, offsets[entry + 1] as number];
    const end = to - from > MAX_CELL ? from + SHOWN_BYTES : to;
    return new TextDecoder().decode(bytes.subarray(from, end));
  }
  const value = (physical as Int32Array | BigInt64Array | readonly bigint[])[entry] as
    number | bigint;
  const isUnsigned = kind.type === "int" && kind.unsigned && typeof value === "bigint";
  return String(isUnsigned ? BigInt.asUintN(64, value) : value);
}
