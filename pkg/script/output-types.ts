import type { FieldType } from "#pkg/value";
import type { NodeProcessor } from "./script.ts";

/** What `p.` stands for in a custom node. */
export const outputTypes = (processor: NodeProcessor): ReadonlyMap<string, FieldType> =>
  new Map([[processor.tagField, "string"]]);
