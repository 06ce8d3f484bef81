import { fieldReferences } from "#pkg/expression";
import type { TableReaderNode } from "./script.ts";

/** Fields of the source and of the lookup table that the target expressions of a node mention, in order of first use. */
export function referencedFields(node: TableReaderNode): {
  readonly reader: readonly string[];
  readonly lookup: readonly string[];
} {
  const targets = node.kind === "table_file" ? node.writer.columns : node.writer.fields;
  const used = targets.flatMap(({ expression }) => fieldReferences(expression));
  const named = (wanted: string): readonly string[] => [
    ...new Set(used.flatMap(({ prefix, name }) => (prefix === wanted ? [name] : []))),
  ];
  return { reader: named("r"), lookup: named("l") };
}
