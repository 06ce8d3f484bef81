import { compareDecimals, compareUtf8, type DateTime, type Decimal } from "#pkg/value";
import { typeFault } from "./expression-fault.ts";
import { kindName, promoted, type Apply, type Operation, type Scalar } from "./operation.ts";
import { toDecimal, toFloat } from "./promote.ts";
import { trimQuotes } from "./trim-quotes.ts";
import type { Kind } from "./types.ts";

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

export const isComparison = (operator: string): operator is ComparisonOperator =>
  Object.hasOwn(TESTS, operator);

/** Whether the sign of a three-way comparison satisfies the operator. */
export const TESTS: Readonly<Record<ComparisonOperator, (sign: number) => boolean>> = {
  "==": (sign) => sign === 0,
  "!=": (sign) => sign !== 0,
  "<": (sign) => sign < 0,
  "<=": (sign) => sign <= 0,
  ">": (sign) => sign > 0,
  ">=": (sign) => sign >= 0,
};

/** Doubles compare the IEEE way: with NaN only != holds. */
const FLOAT_TESTS: Readonly<Record<ComparisonOperator, (left: number, right: number) => boolean>> =
  {
    "==": (left, right) => left === right,
    "!=": (left, right) => left !== right,
    "<": (left, right) => left < right,
    "<=": (left, right) => left <= right,
    ">": (left, right) => left > right,
    ">=": (left, right) => left >= right,
  };

/** `left operator right` with kinds checked; throws EXPRESSION_TYPE for kinds that do not go together. */
export function comparison(
  operator: ComparisonOperator,
  left: Kind,
  right: Kind,
  offset: number,
): Operation {
  const apply = numbers(operator, left, right) ?? others(operator, left, right);
  if (apply === undefined) {
    const kinds = `${kindName(left)} and ${kindName(right)}`;
    const name = left === "bool" && right === "bool" ? "E-op" : "E-type";
    throw typeFault(name, `${operator} cannot compare ${kinds}`, offset);
  }
  return { name: operator, kind: "bool", rounds: false, changing: false, apply };
}

function numbers(operator: ComparisonOperator, left: Kind, right: Kind): Apply | undefined {
  const kind = promoted(left, right);
  if (kind === undefined) return undefined;
  if (kind === "float") {
    const test = FLOAT_TESTS[operator];
    return (args) => test(toFloat(left, args[0] as number), toFloat(right, args[1] as number));
  }
  const test = TESTS[operator];
  if (kind === "int") return (args) => test(order(args[0] as bigint, args[1] as bigint));
  return (args) =>
    test(
      compareDecimals(toDecimal(left, args[0] as Decimal), toDecimal(right, args[1] as Decimal)),
    );
}

function others(operator: ComparisonOperator, left: Kind, right: Kind): Apply | undefined {
  if (left !== right) return undefined;
  const test = TESTS[operator];
  switch (left) {
    case "string":
      return (args) => test(compareUtf8(leftText(args[0] as string), rightText(args[1] as string)));
    case "datetime":
      return (args) => test(order((args[0] as DateTime).ns, (args[1] as DateTime).ns));
    case "bool":
      if (operator === "==") return sameBool;
      return operator === "!=" ? (args) => !sameBool(args) : undefined;
    default:
      return undefined;
  }
}

const sameBool = (args: readonly Scalar[]): boolean => args[0] === args[1];

function order(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** What a string is compared as when it stands on the left (Q7). */
export function leftText(text: string): string {
  return text.includes('"') ? trimQuotes(text).replaceAll('\\"', "\\") : text;
}

/** What a string is compared as when it stands on the right (Q7). */
export function rightText(text: string): string {
  return text.includes('"') ? trimQuotes(text).replaceAll('\\"', '"') : text;
}
