import type { Fault } from "#pkg/fault";
import type { FieldType, Value } from "#pkg/value";
import { checkAggregate } from "./aggregates/check-aggregate.ts";
import { aggregateExpression } from "./aggregates/group-accumulators.ts";
import { Checker } from "./check.ts";
import type { Checked } from "./checked.ts";
import { vectorEvaluator } from "./column-expression.ts";
import { typeFault } from "./expression-fault.ts";
import { rootAggregate } from "./field-references.ts";
import { kindName } from "./operation.ts";
import { parse } from "./parse.ts";
import { scalarEvaluator } from "./scalar.ts";
import type { Call, Tree } from "./tree.ts";
import type { CompiledExpression, CompileOptions, Kind } from "./types.ts";

/** What compiling found to fail although it depends on constants alone; for the trial of the script loader. */
const constantFaults = new WeakMap<CompiledExpression, Fault>();

export const constantFaultOf = (compiled: CompiledExpression): Fault | undefined =>
  constantFaults.get(compiled);

/**
 * Parses and checks one expression. Throws EXPRESSION_SYNTAX or EXPRESSION_TYPE with facts.code and facts.offset.
 * Failures that depend on values, be they constants, are left to evaluation (see trialEvaluate).
 */
export function compileExpression(text: string, options: CompileOptions): CompiledExpression {
  const parsed = parse(text);
  const aggregate = rootAggregate(parsed);
  const rounds = options.place === "field" || aggregate !== undefined;
  const checker = new Checker(options, rounds);
  const compiled =
    aggregate === undefined || options.place !== "group"
      ? compilePlain(text, parsed.tree, checker, options)
      : compileAggregate(text, aggregate, checker);
  checkResult(compiled.kind, options.declared, parsed.tree.offset);
  if (checker.constantFault !== undefined) constantFaults.set(compiled, checker.constantFault);
  return compiled;
}

export function checkResult(kind: Kind, declared: FieldType | undefined, offset: number): void {
  if (declared === undefined || kind === declared) return;
  const message = `the result is ${kindName(kind)}, the field is declared ${declared}`;
  throw typeFault("E-result-type", message, offset, conversionHint(kind, declared));
}

const CONVERTS_TO: ReadonlySet<string> = new Set(["int", "float", "decimal2", "string"]);

function conversionHint(kind: Kind, declared: FieldType): string | undefined {
  if (kind === "month" || kind === "zone") return "A field cannot hold this value.";
  if (kind === "length" && declared === "int") return "Write int(len(…)).";
  if (!CONVERTS_TO.has(declared) || (kind === "datetime" && declared !== "string")) {
    return undefined;
  }
  return `Declare the field ${kind === "length" ? "int" : kind} or convert with ${declared}(…).`;
}

function compilePlain(
  text: string,
  tree: Tree,
  checker: Checker,
  { place }: CompileOptions,
): CompiledExpression {
  const checked = place === "group" ? quoted(tree) : undefined;
  const node = checked ?? checker.check(tree);
  const scalar = scalarEvaluator(node);
  return {
    text,
    kind: node.kind,
    inputs: checker.inputs,
    inputTypes: checker.inputTypes,
    aggregate: undefined,
    evaluate: (inputs) => scalar(inputs) as Value,
    evaluateColumns: vectorEvaluator(node),
  };
}

/** A bare string literal in a grouped lookup keeps its quotes (Q13). */
function quoted(tree: Tree): Checked | undefined {
  if (tree.type !== "literal" || tree.kind !== "string") return undefined;
  return { node: "constant", kind: "string", value: tree.raw, offset: tree.offset };
}

export function compileAggregate(text: string, call: Call, checker: Checker): CompiledExpression {
  const checked = checkAggregate(call, checker);
  const refuse = (): never => {
    throw typeFault("E-agg", `${call.name}(…) has no value on a single row`, call.offset);
  };
  return {
    text,
    kind: checked.kind,
    inputs: checker.inputs,
    inputTypes: checker.inputTypes,
    aggregate: aggregateExpression(checked),
    evaluate: refuse,
    evaluateColumns: refuse,
  };
}
