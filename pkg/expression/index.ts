export { compileExpression } from "./compile-expression.ts";
export { fieldReferences, isAggregate } from "./field-references.ts";
export { parseExpression } from "./parse.ts";
export { suggestion } from "./suggestion.ts";
export { compileTableCondition } from "./table-condition.ts";
export { tokenize as tokenizeExpression, type Token } from "./tokens.ts";
export type { Tree } from "./tree.ts";
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
