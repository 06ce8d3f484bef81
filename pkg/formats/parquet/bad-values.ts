import { isFault } from "#pkg/fault";
import type { Vector } from "#pkg/rowset";
import {
  cellProblem,
  cellText,
  countOf,
  EPOCH_JULIAN_DAY,
  isTexts,
  type CellProblem,
} from "./cell-problem.ts";
import type { CellKind } from "./leaves.ts";
import type { Physical } from "./page-values.ts";
import type { Texts } from "./texts.ts";
import { toVector } from "./to-vector.ts";

/** A page or a dictionary with values that no cell can hold. */
export interface BadValues {
  /** 1 for these values. */
  readonly flags: Uint8Array;
  readonly problemOf: (entry: number) => CellProblem;
  /** What stands in the file, as text. */
  readonly textOf: (entry: number) => string;
}

export interface ReadValues {
  /** With the default of the type for what cannot be a cell. */
  readonly vector: Vector;
  readonly bad: BadValues | undefined;
}

/** As toVector, but values that it refuses are told instead of thrown. Costs nothing while all values are good. */
export function readValues(kind: CellKind, physical: Physical): ReadValues {
  try {
    return { vector: toVector(kind, physical), bad: undefined };
  } catch (error) {
    if (!isFault(error)) throw error;
    const flags = new Uint8Array(countOf(physical));
    for (let entry = 0; entry < flags.length; entry++)
      if (cellProblem(kind, physical, entry) !== undefined) flags[entry] = 1;
    const bad = {
      flags,
      problemOf: (entry: number) => cellProblem(kind, physical, entry) as CellProblem,
      textOf: (entry: number) => cellText(kind, physical, entry),
    };
    return { vector: toVector(kind, withoutBad(kind, physical, flags)), bad };
  }
}

function withoutBad(kind: CellKind, physical: Physical, flags: Uint8Array): Physical {
  if (isTexts(physical)) return emptied(physical, flags);
  if (physical instanceof Int32Array)
    return physical.map((value, entry) => (flags[entry] === 1 ? 0 : value));
  const isInt96 = kind.type === "datetime" && kind.unit === "int96";
  const harmless = isInt96 ? EPOCH_INT96 : 0n;
  const values = physical as BigInt64Array | readonly bigint[];
  const good = (value: bigint, entry: number): bigint => (flags[entry] === 1 ? harmless : value);
  return values instanceof BigInt64Array ? values.map(good) : values.map(good);
}

/** The first midnight of 1970 as a Julian day in front of nanoseconds. */
const EPOCH_INT96 = EPOCH_JULIAN_DAY << 64n;

function emptied({ offsets, bytes }: Texts, flags: Uint8Array): Texts {
  const kept = new Uint8Array(bytes.length);
  const ends = new Int32Array(offsets.length);
  let end = 0;
  for (let entry = 0; entry < flags.length; entry++) {
    if (flags[entry] === 0) {
      const text = bytes.subarray(offsets[entry], offsets[entry + 1]);
      kept.set(text, end);
      end += text.length;
    }
    ends[entry + 1] = end;
  }
  return { offsets: ends, bytes: kept };
}
