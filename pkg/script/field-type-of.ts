import { isFieldType, type FieldType } from "#pkg/value";
import { textChild, type Tree } from "./tree.ts";

/** The value type under a key; undefined when it is missing or none, which the schema check has reported. */
export function fieldTypeOf(tree: Tree | undefined, key: string): FieldType | undefined {
  const text = textChild(tree, key)?.value;
  return isFieldType(text) ? text : undefined;
}
