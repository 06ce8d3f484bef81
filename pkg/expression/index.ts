export { compileExpression } from "./compile-expression.ts";
export { fieldReferences, isAggregate } from "./field-references.ts";
export { suggestion } from "./suggestion.ts";
export { compileTableCondition } from "./table-condition.ts";
export { trialEvaluate } from "./trial-evaluate.ts";
export type {
  Accumulators,
  AggregateExpression,
  CompiledExpression,
  CompileOptions,
  ExpressionPlace,
  FieldReference,
  Kind,
} from "./types.ts";
