import { MONTHS } from "#pkg/value";
import { CONVERSIONS } from "./functions/conversions.ts";
import type { FunctionDefinition } from "./functions/function.ts";
import { NUMBERS } from "./functions/numbers.ts";
import { TEXTS } from "./functions/texts.ts";
import { TIMES } from "./functions/times.ts";
import type { Scalar } from "./operation.ts";
import type { Kind } from "./types.ts";

/** Every function but the aggregates and the iif family. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  Object.entries({ ...CONVERSIONS, ...NUMBERS, ...TEXTS, ...TIMES }),
);

/** Kind of both branches and of the result; evaluated lazily, so these are no ordinary functions. */
export const CHOICES: ReadonlyMap<string, Kind> = new Map([
  ["int.iif", "int"],
  ["float.iif", "float"],
  ["decimal2.iif", "decimal2"],
  ["string.iif", "string"],
  ["time.iif", "datetime"],
]);

export interface Constant {
  readonly kind: Kind;
  readonly value: Scalar;
}

/** Looked up before fields. */
export const CONSTANTS: ReadonlyMap<string, Constant> = new Map<string, Constant>([
  ["true", { kind: "bool", value: true }],
  ["false", { kind: "bool", value: false }],
  ["time.UTC", { kind: "zone", value: { name: "UTC", offset: 0 } }],
  ...MONTHS.map((name, index) => [`time.${name}`, { kind: "month", value: index + 1 }] as const),
]);

export const AGGREGATE_NAMES: readonly string[] = [
  "sum",
  "sum_if",
  "count",
  "count_if",
  "avg",
  "avg_if",
  "min",
  "min_if",
  "max",
  "max_if",
  "string_agg",
  "string_agg_if",
];
