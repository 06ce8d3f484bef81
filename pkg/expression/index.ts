export type {
  Accumulators,
  AggregateExpression,
  CompiledExpression,
  CompileOptions,
  ExpressionPlace,
  FieldReference,
  Kind,
} from "./types.ts";
