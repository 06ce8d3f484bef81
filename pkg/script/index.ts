export { childrenOf, nodeNamed, ownerOfIndex, ownerOfTable, sourcesOf } from "./graph.ts";
export type {
  CalculatedField,
  ModuleOutput,
  ModuleProcessor,
  NodeProcessor,
  PythonProcessor,
  TagCriterion,
  TagProcessor,
} from "./node-processor.ts";
export type {
  ProcessorCatalogue,
  ProcessorDefinition,
  ProcessorFields,
  SettingsDeparture,
} from "./catalogue.ts";
export { outputTypes } from "./output-types.ts";
export { lineDiff } from "./line-diff.ts";

export { formulaReferences } from "./formula-shape.ts";
export { variableOf } from "./python-formula.ts";
export type { ProblemCode } from "./problem-codes.ts";
export { referencedFields } from "./referenced-fields.ts";
export { formatProblems, type Problem } from "./problem.ts";
export {
  type Check,
  type CheckCondition,
  type CsvColumn,
  type CsvFileReader,
  type CustomNode,
  type DependencyPolicy,
  type DistinctNode,
  type Field,
  type FileReader,
  type FileTableNode,
  type FileWriter,
  type Index,
  type KeyComponent,
  type Lookup,
  type LookupNode,
  type NodeKind,
  type OutputColumn,
  type RejectPolicy,
  type Script,
  type ScriptNode,
  type TableFileNode,
  type TableReader,
  type TableReaderNode,
  type TableTableNode,
  type TableWriter,
  type TableWriterNode,
} from "./script.ts";
export type { Place } from "./place.ts";
