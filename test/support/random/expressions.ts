import type { Random } from "./random.ts";
import { compareBytes, floatText, type Row, type Type, type Value } from "./values.ts";

/** The rows that an expression sees, by alias. */
export type Scope = Readonly<Record<string, Row>>;

export interface Expression {
  readonly text: string;
  readonly type: Type;
  readonly fields: readonly FieldOf[];
  /** Throws RowError. */
  readonly evaluate: (scope: Scope) => Value;
}

export interface FieldOf {
  readonly alias: string;
  readonly name: string;
  readonly type: Type;
}

/** The row cannot be processed. */
export class RowError extends Error {}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

function quotient(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new RowError("division by zero");
  return wrap(a / b);
}

type Binary = (a: never, b: never) => Value;

interface Form {
  readonly from: readonly Type[];
  readonly to: Type;
  readonly text: (...names: string[]) => string;
  readonly act: Binary;
}

const form = (
  from: readonly Type[],
  to: Type,
  text: (...names: string[]) => string,
  act: Binary,
): Form => ({ from, to, text, act });

/** As comparison sees a text. */
const unquoted = (value: string): string => value.replace(/^"+/, "").replace(/"+$/, "");

const SAFE: readonly Form[] = [
  form(
    ["int", "int"],
    "int",
    (a, b) => `${a} + ${b}`,
    (a: bigint, b: bigint) => wrap(a + b),
  ),
  form(
    ["int"],
    "int",
    (a) => `${a} * 3`,
    (a: bigint) => wrap(a * 3n),
  ),
  form(
    ["int"],
    "int",
    (a) => `-${a}`,
    (a: bigint) => wrap(-a),
  ),
  form(
    ["int"],
    "int",
    (a) => `(${a} - 5) % 3`,
    (a: bigint) => wrap(a - 5n) % 3n,
  ),
  form(
    ["string"],
    "string",
    (a) => `${a} + "-x"`,
    (a: string) => `${a}-x`,
  ),
  form(
    ["string", "string"],
    "string",
    (a, b) => `${a} + ${b}`,
    (a: string, b: string) => a + b,
  ),
  form(
    ["int"],
    "string",
    (a) => `string(${a})`,
    (a: bigint) => String(a),
  ),
  form(
    ["float"],
    "string",
    (a) => `string(${a})`,
    (a: number) => floatText(a),
  ),
  form(
    ["float", "float"],
    "float",
    (a, b) => `${a} + ${b}`,
    (a: number, b: number) => a + b,
  ),
  form(
    ["float"],
    "float",
    (a) => `${a} / 0.0`,
    (a: number) => a / 0,
  ),
  form(
    ["float"],
    "float",
    (a) => `${a} * 2.5`,
    (a: number) => a * 2.5,
  ),
  form(
    ["int"],
    "float",
    (a) => `float(${a})`,
    (a: bigint) => Number(a),
  ),
  form(
    ["int", "int"],
    "bool",
    (a, b) => `${a} > ${b}`,
    (a: bigint, b: bigint) => a > b,
  ),
  form(
    ["int"],
    "bool",
    (a) => `${a} <= 2`,
    (a: bigint) => a <= 2n,
  ),
  form(
    ["int"],
    "bool",
    (a) => `${a} != 0 && 6 / ${a} > 1`,
    (a: bigint) => a !== 0n && 6n / a > 1n,
  ),
  form(
    ["float", "float"],
    "bool",
    (a, b) => `${a} == ${b}`,
    (a: number, b: number) => a === b,
  ),
  form(
    ["decimal2", "decimal2"],
    "bool",
    (a, b) => `${a} >= ${b}`,
    (a: bigint, b: bigint) => a >= b,
  ),
  form(
    ["decimal2"],
    "bool",
    (a) => `${a} > 1`,
    (a: bigint) => a > 100n,
  ),
  form(
    ["datetime", "datetime"],
    "bool",
    (a, b) => `${a} < ${b}`,
    (a: number, b: number) => a < b,
  ),
  form(
    ["bool"],
    "bool",
    (a) => `!${a}`,
    (a: boolean) => !a,
  ),
  form(
    ["bool", "bool"],
    "bool",
    (a, b) => `${a} || ${b}`,
    (a: boolean, b: boolean) => a || b,
  ),
  form(
    ["string"],
    "bool",
    (a) => `${a} >= "b"`,
    (a: string) => compareBytes(unquoted(a), "b") >= 0,
  ),
  form(
    ["string"],
    "bool",
    (a) => `${a} != "a"`,
    (a: string) => unquoted(a) !== "a",
  ),
];

/** May fail for a row, or give what no table can hold. */
const RISKY: readonly Form[] = [
  form(["int", "int"], "int", (a, b) => `${a} / ${b}`, quotient),
  form(
    ["int"],
    "int",
    (a) => `10 / ${a}`,
    (a: bigint) => quotient(10n, a),
  ),
  form(
    ["decimal2", "decimal2"],
    "decimal2",
    (a, b) => `${a} + ${b}`,
    (a: bigint, b: bigint) => a + b,
  ),
  form(
    ["decimal2"],
    "decimal2",
    (a) => `${a} * 2`,
    (a: bigint) => a * 2n,
  ),
  form(
    ["int"],
    "bool",
    (a) => `7 / ${a} < 4`,
    (a: bigint) => quotient(7n, a) < 4n,
  ),
];

export const plain = (field: FieldOf): Expression => ({
  text: `${field.alias}.${field.name}`,
  type: field.type,
  fields: [field],
  evaluate: (scope) => scope[field.alias]?.[field.name] as Value,
});

function applied(
  random: Random,
  { from, to, text, act }: Form,
  fields: readonly FieldOf[],
): Expression {
  const taken = from.map((type) => random.pick(fields.filter((field) => field.type === type)));
  const operands = taken.map(plain);
  return {
    text: text(...operands.map((operand) => operand.text)),
    type: to,
    fields: taken,
    evaluate: (scope) =>
      (act as (...values: Value[]) => Value)(...operands.map(({ evaluate }) => evaluate(scope))),
  };
}

export interface Wish {
  readonly type?: Type;
  /** Of a hundred expressions so many may fail. */
  readonly risk: number;
  /** Of a hundred expressions so many are no bare field. */
  readonly computed: number;
}

/** A random expression over the fields; undefined when none has the type. */
export function expression(
  random: Random,
  fields: readonly FieldOf[],
  { type, risk, computed }: Wish,
): Expression | undefined {
  const has = (form: Form): boolean =>
    (type === undefined || form.to === type) &&
    form.from.every((each) => fields.some((field) => field.type === each));
  const bare = fields.filter((field) => type === undefined || field.type === type);
  const forms = (random.chance(risk) ? RISKY : SAFE).filter(has);
  if (forms.length > 0 && (bare.length === 0 || random.chance(computed)))
    return applied(random, random.pick(forms), fields);
  return bare.length === 0 ? undefined : plain(random.pick(bare));
}
