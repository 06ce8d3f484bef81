import { foldedBytes } from "../../../pkg/rowset/test-support/folded-bytes.ts";

/** Values as the model sees them: int and decimal2 (in cents) are bigint, datetime milliseconds since 1970. */
export type Value = string | bigint | number | boolean;
export type Type = "string" | "int" | "float" | "bool" | "decimal2" | "datetime";
export type Row = Readonly<Record<string, Value>>;

/** A cell of an input file; undefined: no value of the type. */
export type Cell = readonly [text: string, value: Value | undefined];

/** 0001-01-01T00:00:00Z. */
const FIRST_DAY = -62_135_596_800_000;

export const defaultOf = (type: Type): Value =>
  ({ string: "", int: 0n, float: 0, bool: false, decimal2: 0n, datetime: FIRST_DAY })[type];

const text = (value: string): Cell => [value, value];

const LONG = "0123456789abcdef";

const STRINGS = [
  "",
  "a",
  "A",
  "b",
  "B ",
  " b",
  "é",
  "É",
  "e\u0301",
  "ß",
  "SS",
  "ss",
  "ſ",
  "😀",
  "日本",
].concat(['q"q', '"', "x,y", "l1\nl2", "\n", ";", "\t", "-0", "0", "\\", "\u00a0"]);

/** Few values, so that keys meet. */
export const CELLS: Readonly<Record<Type, readonly Cell[]>> = {
  string: [
    ...STRINGS,
    LONG,
    `${LONG}x`,
    `${LONG}X`,
    `${LONG.toUpperCase()}y`,
    `${"z".repeat(63)}é1`,
    `${"z".repeat(63)}é2`,
  ].map(text),
  int: [
    ["", 0n],
    ["0", 0n],
    ["-0", 0n],
    ["+1", 1n],
    ["1", 1n],
    ["2", 2n],
    ["3", 3n],
    ["-1", -1n],
    ["7", 7n],
    ["007", 7n],
    ["9007199254740992", 9007199254740992n],
    ["9007199254740993", 9007199254740993n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
  ],
  float: [
    ["", 0],
    ["0", 0],
    ["-0", -0],
    ["0.1", 0.1],
    ["0.2", 0.2],
    ["0.3", 0.3],
    ["1", 1],
    ["1.0", 1],
    ["-1.5", -1.5],
    ["1e21", 1e21],
    ["1e-7", 1e-7],
    ["123456.5", 123456.5],
    ["1e16", 1e16],
    ["inf", Infinity],
    ["-inf", -Infinity],
    ["nan", NaN],
  ],
  bool: [
    ["", false],
    ["1", true],
    ["t", true],
    ["TRUE", true],
    ["false", false],
    ["F", false],
  ],
  decimal2: [
    ["", 0n],
    ["0", 0n],
    ["-0.00", 0n],
    ["1", 100n],
    ["1.0", 100n],
    ["1.005", 101n],
    ["-1.005", -101n],
    ["1.00499", 100n],
    ["0.1", 10n],
    ["2.5", 250n],
    ["-7.25", -725n],
    ["351843720888.33", 35184372088833n],
    ["90071992547409.93", 9007199254740993n],
    ["90071992547409.92", 9007199254740992n],
    ["450359962737049.61", 45035996273704961n],
    ["450359962737049.65", 45035996273704965n],
    ["92233720368547758.07", 2n ** 63n - 1n],
    ["92233720368547758.08", 2n ** 63n],
    ["-92233720368547758.08", -(2n ** 63n)],
  ],
  datetime: [
    ["", FIRST_DAY],
    ["2024-02-29 00:00:00", Date.UTC(2024, 1, 29)],
    ["2024-02-29 00:00:00.5", Date.UTC(2024, 1, 29) + 500],
    ["2024-02-29 00:00:00.5004", Date.UTC(2024, 1, 29) + 500.4],
    ["2024-02-29 00:00:00.500999999", Date.UTC(2024, 1, 29) + 500.999],
    ["1969-12-31 23:59:59.999", -1],
    ["1970-01-01 00:00:00", 0],
    ["9999-12-31 23:59:59", Date.UTC(9999, 11, 31, 23, 59, 59)],
  ],
};

const bad = (...texts: readonly string[]): readonly Cell[] =>
  texts.map((each) => [each, undefined]);

export const BAD_CELLS: Readonly<Partial<Record<Type, readonly Cell[]>>> = {
  int: bad("x", "1.5", "9223372036854775808", " 1"),
  float: bad("x", "1,5"),
  bool: bad("yes"),
  decimal2: bad("x"),
  datetime: bad("2023-02-29 00:00:00", "x"),
};

export const COL_FORMATS: Readonly<Partial<Record<Type, string>>> = {
  datetime: "2006-01-02 15:04:05",
};

export const OUT_FORMATS: Readonly<Record<Type, string>> = {
  string: "%s",
  int: "%d",
  float: "%v",
  bool: "%t",
  decimal2: "%s",
  datetime: "2006-01-02T15:04:05.000",
};

export const decimalText = (cents: bigint): string => {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Go's %v of a double: exponent form below 1e-4 and from 1e6 on, as the specification has it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 6)
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  return String(value);
}

export function outText(type: Type, value: Value): string {
  if (type === "decimal2") return decimalText(value as bigint);
  if (type === "float") return floatText(value as number);
  if (type === "datetime") return new Date(value as number).toISOString().replace("Z", "");
  return String(value);
}

export const compareBytes = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Simple upper-casing: one character stays one. */
export const upper = (value: string): string =>
  Array.from(value, (each) => {
    const changed = each.toUpperCase();
    return Array.from(changed).length === 1 ? changed : each;
  }).join("");

export interface KeyPart {
  readonly field: string;
  readonly type: Type;
  readonly ignoreCase: boolean;
  readonly length: number | undefined;
  readonly descending: boolean;
}

export function partText({ field, ignoreCase, length, descending }: KeyPart): string {
  const modifiers = [
    ...(ignoreCase ? ["ignore_case"] : []),
    ...(length === undefined ? [] : [String(length)]),
    ...(descending ? ["desc"] : []),
  ];
  return modifiers.length === 0 ? field : `${field}(${modifiers.join(",")})`;
}

/** Equal keys have equal texts. */
export const keyOf = (values: readonly Value[], parts: readonly KeyPart[]): string =>
  JSON.stringify(
    parts.map(({ type, ignoreCase, length }, at) => {
      const value = values[at] as Value;
      if (type === "float") return value === 0 ? "0" : floatText(value as number);
      if (type !== "string") return String(value);
      const cut =
        length === undefined
          ? (value as string)
          : Array.from(value as string)
              .slice(0, length)
              .join("");
      return ignoreCase ? upper(cut) : cut;
    }),
  );

const DEFAULT_LENGTH = 64;

function folded(value: string, { ignoreCase, length = DEFAULT_LENGTH }: KeyPart): Buffer {
  const cut = foldedBytes(value, length);
  return ignoreCase ? Buffer.from(upper(cut.toString())) : cut;
}

function compareNumbers(a: Value, b: Value): number {
  const nan = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return nan === 0 ? Number(a > b) - Number(a < b) : nan;
}

/** What is compared first: less exact than the value. */
function foldedOrder(x: Value, y: Value, part: KeyPart): number {
  if (part.type === "string")
    return Buffer.compare(folded(x as string, part), folded(y as string, part));
  return part.type === "decimal2"
    ? compareNumbers(Number(`${x}e-2`), Number(`${y}e-2`))
    : compareNumbers(x, y);
}

const exactOrder = (x: Value, y: Value): number =>
  typeof x === "string" ? compareBytes(x, y as string) : compareNumbers(x, y);

/** The order of `top`: folded components, then exact ones. Ties are left to the caller. */
export function compareRows(a: Row, b: Row, parts: readonly KeyPart[]): number {
  for (const compare of [foldedOrder, exactOrder])
    for (const part of parts) {
      const order = compare(a[part.field] as Value, b[part.field] as Value, part);
      if (order !== 0) return part.descending ? -order : order;
    }
  return 0;
}

const MOST = 2n ** 63n - 1n;

/** Quotient rounded half away from zero. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const isNegative = a < 0n !== b < 0n;
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const quotient = (2n * x + y) / (2n * y);
  return isNegative ? -quotient : quotient;
}

/** As a table keeps it. */
export const stored = (type: Type, value: Value): Value =>
  type === "datetime" ? Math.floor(value as number) : value;

export const isStorable = (type: Type, value: Value): boolean =>
  type !== "decimal2" || ((value as bigint) <= MOST && (value as bigint) >= -MOST - 1n);
