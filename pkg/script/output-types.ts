import type { FieldType } from "#pkg/value";
import type { NodeProcessor } from "./node-processor.ts";

/** What `p.` stands for in a custom node. */
export function outputTypes(processor: NodeProcessor): ReadonlyMap<string, FieldType> {
  return processor.type === "py_calc"
    ? new Map(processor.fields.map(({ name, type }) => [name, type]))
    : new Map([[processor.tagField, "string"]]);
}
