import type { FieldType, Value } from "#pkg/value";
import { Checker } from "./check.ts";
import { checkResult, compileAggregate } from "./compile-expression.ts";
import { typeFault } from "./expression-fault.ts";
import { CONSTANTS, AGGREGATE_NAMES } from "./function-table.ts";
import { parse } from "./parse.ts";
import { scalarEvaluator } from "./scalar.ts";
import { printTree, type Call, type Tree } from "./tree.ts";
import type { CompiledExpression, CompileOptions } from "./types.ts";

/** A condition over a whole table: a plain expression whose operands are aggregates of the rows. */
export interface TableCondition {
  readonly text: string;
  /** In the order of the text; each has `aggregate`. */
  readonly aggregates: readonly CompiledExpression[];
  /** `results` of the aggregates, in their order. Throws EXPRESSION_ROW, for example for a division by zero. */
  readonly holds: (results: readonly Value[]) => boolean;
}

/** Stands for an aggregate in the tree around it; no author can write it. */
const RESULT = "#";

/** Throws EXPRESSION_SYNTAX or EXPRESSION_TYPE with facts.code and facts.offset, as compileExpression does. */
export function compileTableCondition(
  text: string,
  options: Pick<CompileOptions, "typeOf" | "known" | "now">,
): TableCondition {
  const calls: Call[] = [];
  const outer = withoutAggregates(parse(text).tree, calls);
  const inner: CompileOptions = { ...options, place: "group" };
  const aggregates = calls.map((call) =>
    compileAggregate(printTree(call), call, new Checker(inner, true)),
  );
  const checker = new Checker(
    {
      ...options,
      place: "condition",
      // No other field is left in the tree.
      typeOf: (_, name) => (aggregates[Number(name)] as CompiledExpression).kind as FieldType,
    },
    false,
  );
  const checked = checker.check(outer);
  checkResult(checked.kind, "bool", outer.offset);
  const scalar = scalarEvaluator(checked);
  const places = checker.inputs.map(({ name }) => Number(name));
  return {
    text,
    aggregates,
    holds: (results) => scalar(places.map((at) => results[at] as Value)) === true,
  };
}

/** The tree with every aggregate replaced by a field that stands for its result; a field outside of one has no value. */
function withoutAggregates(tree: Tree, calls: Call[]): Tree {
  switch (tree.type) {
    case "call":
      if (AGGREGATE_NAMES.includes(tree.name)) {
        calls.push(tree);
        return {
          type: "field",
          prefix: RESULT,
          name: String(calls.length - 1),
          offset: tree.offset,
        };
      }
      return { ...tree, args: tree.args.map((argument) => withoutAggregates(argument, calls)) };
    case "unary":
      return { ...tree, operand: withoutAggregates(tree.operand, calls) };
    case "binary": {
      const left = withoutAggregates(tree.left, calls);
      return { ...tree, left, right: withoutAggregates(tree.right, calls) };
    }
    case "field": {
      const full = `${tree.prefix}.${tree.name}`;
      if (CONSTANTS.has(full)) return tree;
      const message = `${full} has no single value for a table`;
      throw typeFault(
        "E-agg",
        message,
        tree.offset,
        `Put it into an aggregate, like sum(${full}).`,
      );
    }
    default:
      return tree;
  }
}
