import { counted } from "#pkg/fault";
import type { Checker } from "../check.ts";
import type { Checked } from "../checked.ts";
import { typeFault } from "../expression-fault.ts";
import { kindName } from "../operation.ts";
import { trimQuotes } from "../trim-quotes.ts";
import type { Call, Tree } from "../tree.ts";
import type { Kind } from "../types.ts";

export type AggregateFunction = "count" | "sum" | "avg" | "min" | "max" | "string_agg";

export interface CheckedAggregate {
  readonly name: AggregateFunction;
  readonly kind: "int" | "float" | "decimal2" | "string";
  /** Absent for count. */
  readonly value: Checked | undefined;
  /** Rows that count; absent = all. */
  readonly condition: Checked | undefined;
  /** Of string_agg. */
  readonly separator: string;
}

const VALUE_KINDS: Readonly<Record<AggregateFunction, readonly Kind[]>> = {
  count: [],
  sum: ["int", "length", "float", "decimal2"],
  avg: ["int", "length", "float", "decimal2"],
  min: ["int", "length", "float", "decimal2", "string"],
  max: ["int", "length", "float", "decimal2", "string"],
  string_agg: ["string"],
};

/** A root call of an aggregate, whose name has been recognised before. */
export function checkAggregate(call: Call, checker: Checker): CheckedAggregate {
  const name = call.name.replace(/_if$/, "") as AggregateFunction;
  const hasCondition = call.name.endsWith("_if");
  checkCount(call, name, hasCondition);
  const value = name === "count" ? undefined : checker.check(call.args[0] as Tree);
  if (value !== undefined && !VALUE_KINDS[name].includes(value.kind)) {
    const wanted = VALUE_KINDS[name].filter((kind) => kind !== "length").join(", ");
    const message = `${call.name}(…) of ${kindName(value.kind)}, it must be ${wanted}`;
    throw typeFault("E-type", message, value.offset);
  }
  const separator = name === "string_agg" ? separatorOf(call) : "";
  const condition = hasCondition ? checkCondition(call, checker) : undefined;
  const kind = name === "count" ? "int" : resultKind((value as Checked).kind);
  return { name, kind, value, condition, separator };
}

function resultKind(kind: Kind): CheckedAggregate["kind"] {
  return kind === "float" || kind === "decimal2" || kind === "string" ? kind : "int";
}

const ARGUMENTS: Readonly<Record<AggregateFunction, number>> = {
  count: 0,
  sum: 1,
  avg: 1,
  min: 1,
  max: 1,
  string_agg: 2,
};

function checkCount(call: Call, name: AggregateFunction, hasCondition: boolean): void {
  const needed = ARGUMENTS[name] + (hasCondition ? 1 : 0);
  const given = call.args.length;
  if (given === needed) return;
  const message = `${call.name} needs ${counted(needed, "argument")}, not ${given}`;
  throw typeFault("E-args", message, call.offset);
}

/** Only double quotes are cut, never backticks (Q16). */
function separatorOf(call: Call): string {
  const literal = call.args[1] as Tree;
  if (literal.type === "literal" && literal.kind === "string") return trimQuotes(literal.raw);
  const message = `the separator of ${call.name} must be a string literal`;
  throw typeFault("E-agg", message, literal.offset, 'Write it in double quotes, like ",".');
}

function checkCondition(call: Call, checker: Checker): Checked {
  const condition = checker.check(call.args.at(-1) as Tree);
  if (condition.kind === "bool") return condition;
  const message = `the condition of ${call.name} is ${kindName(condition.kind)}, it must be bool`;
  throw typeFault("E-type", message, condition.offset);
}
