import {
  addDecimals,
  divideDecimals,
  multiplyDecimals,
  negateDecimal,
  roundDecimal,
  subtractDecimals,
  type Decimal,
} from "#pkg/value";
import { rowFault, typeFault } from "./expression-fault.ts";
import { kindName, promoted, type Apply, type Operation } from "./operation.ts";
import { toDecimal, toFloat } from "./promote.ts";
import type { Kind } from "./types.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

export const isArithmetic = (operator: string): operator is ArithmeticOperator =>
  ["+", "-", "*", "/", "%"].includes(operator);

export interface OperatorSite {
  readonly offset: number;
  /** Decimals are rounded to two digits here. */
  readonly rounds: boolean;
}

/** `left operator right` with kinds checked; throws EXPRESSION_TYPE for kinds that do not go together. */
export function arithmetic(
  operator: ArithmeticOperator,
  left: Kind,
  right: Kind,
  site: OperatorSite,
): Operation {
  const { offset } = site;
  if (operator === "+" && left === "string" && right === "string") {
    const apply: Apply = (args) => (args[0] as string) + (args[1] as string);
    return { name: "+", kind: "string", rounds: false, changing: false, apply };
  }
  const kind = promoted(left, right);
  if (kind === undefined) throw undefinedFor(operator, left, right, offset);
  if (operator === "%" && kind !== "int") {
    const message = `% needs two ints, not ${kindName(left)} and ${kindName(right)}`;
    throw typeFault("E-op", message, offset);
  }
  const apply = APPLY[kind](operator, { left, right, ...site });
  return { name: operator, kind, rounds: site.rounds, changing: false, apply };
}

function undefinedFor(operator: string, left: Kind, right: Kind, offset: number): Error {
  const kinds = `${kindName(left)} and ${kindName(right)}`;
  const name = left === "string" && right === "string" ? "E-op" : "E-type";
  return typeFault(name, `${operator} is not defined for ${kinds}`, offset);
}

interface Operands extends OperatorSite {
  readonly left: Kind;
  readonly right: Kind;
}

const APPLY = { int: intArithmetic, float: floatArithmetic, decimal2: decimalArithmetic };

const divisionByZero = (operator: string, offset: number): Error =>
  rowFault("E-div0", `division by zero: the right side of ${operator} is 0`, offset);

function intArithmetic(operator: ArithmeticOperator, { offset }: Operands): Apply {
  return (args) => {
    const left = args[0] as bigint;
    const right = args[1] as bigint;
    switch (operator) {
      case "+":
        return BigInt.asIntN(64, left + right);
      case "-":
        return BigInt.asIntN(64, left - right);
      case "*":
        return BigInt.asIntN(64, left * right);
      default:
        if (right === 0n) throw divisionByZero(operator, offset);
        return operator === "/" ? BigInt.asIntN(64, left / right) : left % right;
    }
  };
}

const FLOATS: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

function floatArithmetic(operator: ArithmeticOperator, { left, right }: Operands): Apply {
  const compute = FLOATS[operator] as (left: number, right: number) => number;
  return (args) => compute(toFloat(left, args[0] as number), toFloat(right, args[1] as number));
}

const DECIMALS: Readonly<Record<string, (left: Decimal, right: Decimal) => Decimal | undefined>> = {
  "+": addDecimals,
  "-": subtractDecimals,
  "*": multiplyDecimals,
  "/": divideDecimals,
};

function decimalArithmetic(operator: ArithmeticOperator, operands: Operands): Apply {
  const { left, right, rounds, offset } = operands;
  const compute = DECIMALS[operator] as (left: Decimal, right: Decimal) => Decimal | undefined;
  return (args) => {
    const result = compute(
      toDecimal(left, args[0] as Decimal),
      toDecimal(right, args[1] as Decimal),
    );
    if (result === undefined) throw divisionByZero(operator, offset);
    return rounds ? roundDecimal(result, 2) : result;
  };
}

const NEGATE: Readonly<Partial<Record<Kind, Apply>>> = {
  int: (args) => BigInt.asIntN(64, -(args[0] as bigint)),
  length: (args) => -(args[0] as bigint),
  float: (args) => -(args[0] as number),
  decimal2: (args) => negateDecimal(args[0] as Decimal),
};

/** Unary minus and not. */
export function unary(operator: string, kind: Kind, offset: number): Operation {
  const rest = { rounds: false, changing: false };
  if (operator === "!") {
    if (kind !== "bool") {
      throw typeFault("E-type", `! needs a bool, not ${kindName(kind)}`, offset);
    }
    return { name: "!", kind: "bool", apply: (args) => !(args[0] as boolean), ...rest };
  }
  const apply = NEGATE[kind];
  if (apply === undefined) {
    throw typeFault("E-type", `unary - is not defined for ${kindName(kind)}`, offset);
  }
  return { name: "negate", kind: kind === "length" ? "int" : kind, apply, ...rest };
}
