import type { FieldType } from "#pkg/value";
import type { NodeProcessor } from "./node-processor.ts";

/** What `p.` stands for in a custom node. */
export function outputTypes(processor: NodeProcessor): ReadonlyMap<string, FieldType> {
  if (processor.type === "tag_and_denormalize") return new Map([[processor.tagField, "string"]]);
  const fields = processor.type === "py_calc" ? processor.fields : processor.outputs;
  return new Map(fields.map(({ name, type }) => [name, type]));
}
