import type { Checking, NodeDraft } from "./drafts.ts";
import { child, childOf, entriesOf, type Tree } from "./tree.ts";

/** Blocks that the reference does not have and this build does not execute: never ignored (design 10). */
export function refuseExtensions({ problems }: Checking, node: NodeDraft): void {
  const refuse = (key: string, tree: Tree | undefined): void => {
    if (tree === undefined) return;
    const message = `node ${node.name}: ${key} is not available in this build`;
    problems.add("NOT_AVAILABLE", tree, message);
  };
  const review = child(node.tree, "review");
  if (review !== undefined && node.kind === "table_file")
    problems.add("SHAPE", review, `node ${node.name}: files cannot be reviewed`, {
      hint: "Put review on the node that writes the table that feeds this one.",
    });
  else refuse("review", review);
  for (const { key, value } of entriesOf(childOf(childOf(node.tree, "w", "map"), "fields", "map")))
    refuse(`mask of field ${key}`, child(value, "mask"));
}
