import { expression, type Expression, type FieldOf, type Scope } from "./expressions.ts";
import type { Random } from "./random.ts";
import { compareBytes, divideRounded, type Type, type Value } from "./values.ts";

export interface Aggregate {
  readonly text: string;
  readonly type: Type;
  readonly fields: readonly FieldOf[];
  /** Of at least one scope, in order; undefined: the default of the field. */
  readonly evaluate: (scopes: readonly Scope[]) => Value | undefined;
}

const total = (values: readonly Value[]): bigint =>
  (values as bigint[]).reduce((a, b) => a + b, 0n);

const SUMS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  int: (values) => BigInt.asIntN(64, total(values)),
  decimal2: total,
  float: (values) => (values as number[]).reduce((a, b) => a + b, 0),
};

const CENTS_TO_16 = 10n ** 14n;

const floored = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b;

function average(type: Type, values: readonly Value[]): Value {
  if (type === "float")
    return values.length === 0 ? 0 : (SUMS["float"]?.(values) as number) / values.length;
  if (values.length === 0) return 0n;
  const count = BigInt(values.length);
  if (type === "int") return floored(total(values), count);
  return divideRounded(divideRounded(total(values) * CENTS_TO_16, count), CENTS_TO_16);
}

const MOST_DOUBLE = Number.MAX_VALUE;
const LEAST_FLOAT = -3.4028234663852886e38;

type Which = "min" | "max";

function isBetter(which: Which, a: Value, b: Value): boolean {
  if (typeof a !== "string") return which === "min" ? a < b : a > b;
  const order = compareBytes(a, b as string);
  return b === "" || (which === "min" ? order < 0 : order > 0);
}

/** What the first value is compared with. */
function startOf(which: Which, type: Type, first: Value): Value {
  if (type === "string") return "";
  if (type !== "float") return first;
  return which === "min" ? MOST_DOUBLE : LEAST_FLOAT;
}

function extreme(which: Which, type: Type, values: readonly Value[]): Value | undefined {
  const [first] = values;
  if (first === undefined) return type === "string" ? "" : undefined;
  return values.reduce(
    (best, value) => (isBetter(which, value, best) ? value : best),
    startOf(which, type, first),
  );
}

const joined = (values: readonly Value[]): string =>
  (values as string[]).reduce((text, value) => (text === "" ? value : `${text}/${value}`), "");

const NUMBERS: readonly Type[] = ["int", "float", "decimal2"];
const CALLS: Readonly<Record<string, (type: Type, values: readonly Value[]) => Value | undefined>> =
  {
    sum: (type, values) => SUMS[type]?.(values),
    avg: average,
    min: (type, values) => extreme("min", type, values),
    max: (type, values) => extreme("max", type, values),
    string_agg: (_, values) => joined(values),
    count: (_, values) => BigInt(values.length),
  };
const ARGUMENTS: Readonly<Record<string, readonly Type[]>> = {
  sum: NUMBERS,
  avg: NUMBERS,
  min: [...NUMBERS, "string"],
  max: [...NUMBERS, "string"],
  string_agg: ["string"],
};

/** Of a group of rows of which each gives a value and whether it counts. */
interface Call {
  readonly name: string;
  readonly what: Expression | undefined;
  readonly when: Expression | undefined;
}

function randomCall(random: Random, fields: readonly FieldOf[], risk: number): Call {
  const when = random.chance(40)
    ? expression(random, fields, { type: "bool", risk, computed: 80 })
    : undefined;
  const name = random.pick(Object.keys(CALLS));
  const types = ARGUMENTS[name];
  if (types === undefined) return { name, what: undefined, when };
  const what = expression(random, fields, { type: random.pick(types), risk, computed: 40 });
  return { name: what === undefined ? "count" : name, what, when };
}

function callText({ name, what, when }: Call): string {
  const inside = [
    ...(what === undefined ? [] : [what.text]),
    ...(name === "string_agg" ? ['"/"'] : []),
    ...(when === undefined ? [] : [when.text]),
  ];
  return `${name}${when === undefined ? "" : "_if"}(${inside.join(", ")})`;
}

/** The value of every row is computed, whether it counts or not. */
function countedValues({ what, when }: Call, scopes: readonly Scope[]): readonly Value[] {
  const rows = scopes.map((scope) => ({
    value: what === undefined ? 0n : what.evaluate(scope),
    isCounted: when === undefined || when.evaluate(scope) === true,
  }));
  return rows.filter(({ isCounted }) => isCounted).map(({ value }) => value);
}

/** A random aggregate call. */
export function aggregate(random: Random, fields: readonly FieldOf[], risk: number): Aggregate {
  const call = randomCall(random, fields, risk);
  const type = call.what === undefined ? "int" : call.what.type;
  return {
    text: callText(call),
    type,
    fields: [call.what, call.when].flatMap((each) => each?.fields ?? []),
    evaluate: (scopes) => CALLS[call.name]?.(type, countedValues(call, scopes)),
  };
}
