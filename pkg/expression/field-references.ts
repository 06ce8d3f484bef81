import { AGGREGATE_NAMES, CONSTANTS } from "./function-table.ts";
import { parse, type Parsed } from "./parse.ts";
import type { Call, Tree } from "./tree.ts";
import type { FieldReference } from "./types.ts";

/** The aggregate call that is the whole expression, not even in parentheses (spec 4.1). */
export function rootAggregate({ tree, parenthesised }: Parsed): Call | undefined {
  const isAggregate = tree.type === "call" && AGGREGATE_NAMES.includes(tree.name);
  return isAggregate && !parenthesised ? tree : undefined;
}

/** Whether the expression is an aggregate expression. Throws EXPRESSION_SYNTAX. */
export const isAggregate = (text: string): boolean => rootAggregate(parse(text)) !== undefined;

/** Distinct field references in order of first use, constants excluded. Throws EXPRESSION_SYNTAX. */
export function fieldReferences(text: string): FieldReference[] {
  const found = new Map<string, FieldReference>();
  collect(parse(text).tree, found);
  return [...found.values()];
}

function collect(tree: Tree, found: Map<string, FieldReference>): void {
  switch (tree.type) {
    case "field": {
      const full = `${tree.prefix}.${tree.name}`;
      const { prefix, name, offset } = tree;
      if (!CONSTANTS.has(full) && !found.has(full)) found.set(full, { prefix, name, offset });
      return;
    }
    case "call":
      for (const argument of tree.args) collect(argument, found);
      return;
    case "unary":
      return collect(tree.operand, found);
    case "binary":
      collect(tree.left, found);
      return collect(tree.right, found);
    default:
  }
}
