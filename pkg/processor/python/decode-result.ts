import { vectorFrom, type Integers, type Vector } from "#pkg/rowset";
import {
  compileLayout,
  dateTimeToMs,
  decimalFromFloat,
  decimalFromText,
  decimalToCents,
  isInt64,
  type DateTime,
  type Decimal,
  type FieldType,
} from "#pkg/value";

/** One item of an answer of child.py: a JSON value, a number that JSON would not carry exactly, or none of them. */
export type ResultItem =
  | string
  | number
  | boolean
  | null
  | { readonly number: string }
  | { readonly bad: string }
  | readonly unknown[];

export interface DecodedResult {
  readonly vector: Vector;
  /** Position and what was wrong; the vector has the default there. */
  readonly bad: readonly { readonly at: number; readonly message: string }[];
}

/** The answer for one output: values that JSON holds, or a tagged form for each value. */
export type ResultColumn = readonly ResultItem[] | { readonly each: readonly ResultItem[] };

/** Objects mean something in the tagged form only; anywhere else they are dicts and lists that a formula returned. */
function itemsOf(column: ResultColumn): readonly ResultItem[] {
  if ("each" in column) return column.each;
  if (!column.some(isObject)) return column;
  return column.map((item) => (isObject(item) ? { bad: JSON.stringify(item) } : item));
}

const isObject = (item: ResultItem): boolean => typeof item === "object" && item !== null;

/** Results of one formula as a vector of its declared type (spec/script.md 9.1); ints and decimals stay exact. */
export function decodeResult(type: FieldType, column: ResultColumn): DecodedResult {
  const items = itemsOf(column);
  const bad: { at: number; message: string }[] = [];
  const refuse = (at: number, why?: string): void => {
    bad.push({ at, message: why ?? `the result must be ${WANTED[type]}, not ${shown(items[at])}` });
  };
  return { vector: DECODERS[type](items, refuse), bad };
}

type Refuse = (at: number, why?: string) => void;
type Decode = (items: readonly ResultItem[], refuse: Refuse) => Vector;

const WANTED: Readonly<Record<FieldType, string>> = {
  string: "a str",
  bool: "a bool",
  int: "a number",
  float: "a number",
  decimal2: "a number",
  datetime: "a str like 2006-01-02T15:04:05.000+00:00",
};

const DECODERS: Readonly<Record<FieldType, Decode>> = {
  string: (items, refuse) => vectorFrom("string", items.map(checked("string", "", refuse))),
  bool: (items, refuse) => vectorFrom("bool", items.map(checked("boolean", false, refuse))),
  int: (items, refuse) => ({ type: "int", values: integers(items, refuse, intOf) }),
  float: (items, refuse) => ({
    type: "float",
    values: Float64Array.from(items, (item, at) => {
      const value = numberOf(item);
      if (value !== undefined && Number.isFinite(value)) return value;
      refuse(at);
      return 0;
    }),
  }),
  decimal2: (items, refuse) => ({ type: "decimal2", values: integers(items, refuse, centsOf) }),
  datetime: datetimes,
};

function checked<Value extends string | boolean>(
  type: "string" | "boolean",
  otherwise: Value,
  refuse: Refuse,
): (item: ResultItem, at: number) => Value {
  return (item, at) => {
    if (typeof item === type) return item as Value;
    refuse(at);
    return otherwise;
  };
}

/** undefined: no number at all; bigint: exact, of any size. */
type Whole = number | bigint | undefined;

/** Doubles while all values are safe, else 64-bit integers; what does not fit 64 bits is refused. */
function integers(
  items: readonly ResultItem[],
  refuse: Refuse,
  read: (item: ResultItem) => Whole,
): Integers {
  const doubles = new Float64Array(items.length);
  let large: BigInt64Array | undefined;
  for (let at = 0; at < items.length; at += 1) {
    const value = read(items[at] as ResultItem);
    if (typeof value === "number") {
      // Adding 0 turns -0 into 0.
      if (large === undefined) doubles[at] = value + 0;
      else large[at] = BigInt(value);
    } else if (value === undefined) refuse(at);
    else if (!isInt64(value)) refuse(at, `the result ${value} does not fit into 64 bits`);
    else {
      large ??= BigInt64Array.from(doubles, BigInt);
      large[at] = value;
    }
  }
  return large ?? doubles;
}

const numberOf = (item: ResultItem): number | undefined => {
  if (typeof item === "number") return item;
  const text = exactText(item);
  return text === undefined ? undefined : Number(text);
};

const exactText = (item: ResultItem): string | undefined =>
  typeof item === "object" && item !== null && "number" in item ? item.number : undefined;

/** Cut towards zero. */
function intOf(item: ResultItem): Whole {
  if (typeof item === "number") {
    const whole = Math.trunc(item);
    return Number.isSafeInteger(whole) ? whole : BigInt(whole);
  }
  const decimal = exactDecimal(item);
  return decimal === undefined ? undefined : decimal.digits / 10n ** BigInt(decimal.scale);
}

const exactDecimal = (item: ResultItem): Decimal | undefined => {
  const text = exactText(item);
  return text === undefined ? undefined : decimalFromText(text);
};

/** Beyond this, a double's hundredths are not exact enough to be rounded by themselves. */
const PLAIN_CENTS = 2 ** 40;
/** Wider than any error of the multiplication below PLAIN_CENTS. */
const NEAR_HALF = 2 ** -10;

/** Hundredths of the shortest decimal text, rounded half away from zero. */
function centsOf(item: ResultItem): Whole {
  if (typeof item === "number") {
    const cents = item * 100;
    const nearest = Math.round(cents);
    const isClear = Math.abs(cents) < PLAIN_CENTS && Math.abs(cents - nearest) < 0.5 - NEAR_HALF;
    if (isClear) return nearest;
    const exact = decimalFromFloat(item);
    return exact === undefined ? undefined : smallWhole(decimalToCents(exact));
  }
  const decimal = exactDecimal(item);
  return decimal === undefined ? undefined : smallWhole(decimalToCents(decimal));
}

const smallWhole = (value: bigint): number | bigint =>
  BigInt.asIntN(53, value) === value ? Number(value) : value;

const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$/;
const LAYOUT = compileLayout("2006-01-02T15:04:05.000-07:00");
const EPOCH: DateTime = { ns: 0n, offset: 0, zone: "UTC" };

function datetimes(items: readonly ResultItem[], refuse: Refuse): Vector {
  const values = items.map((item, at) => {
    const isShaped = typeof item === "string" && SHAPE.test(item);
    const value = isShaped ? LAYOUT.parse(item) : undefined;
    if (value === undefined) refuse(at);
    return value ?? EPOCH;
  });
  if (values.some(({ offset }) => offset !== 0)) return vectorFrom("datetime", values);
  return { type: "datetime", values: Float64Array.from(values, dateTimeToMs) };
}

const SHOWN = 80;

function shown(item: ResultItem | undefined): string {
  if (item === null || item === undefined) return "None";
  if (typeof item === "object" && "bad" in item) return item.bad;
  if (typeof item === "boolean") return `the bool ${item ? "True" : "False"}`;
  const text = exactText(item) ?? JSON.stringify(item);
  const kind = typeof item === "string" ? "the str " : "";
  return kind + (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
