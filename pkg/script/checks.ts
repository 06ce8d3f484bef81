import type { Checking, NodeDraft } from "./drafts.ts";
import { checkTableCondition } from "./expressions.ts";
import type { Check, CheckCondition } from "./script.ts";
import {
  child,
  childOf,
  itemsOf,
  numberChild,
  stringChild,
  textChild,
  type MapTree,
  type Tree,
} from "./tree.ts";

/** `checks` of a node (design 10); each condition of an item is a check of its own. */
export function checksOf(
  checking: Checking,
  node: NodeDraft,
): { readonly checks?: readonly Check[] } {
  const checks = itemsOf(childOf(node.tree, "checks", "list")).flatMap((item, at) =>
    item.kind === "map" ? checksOfItem(checking, node, item, `check ${at + 1}`) : [],
  );
  return checks.length === 0 ? {} : { checks };
}

function checksOfItem(
  checking: Checking,
  node: NodeDraft,
  item: MapTree,
  name: string,
): readonly Check[] {
  const label = `node ${node.name}, ${name}`;
  refuseLater(checking, item, label);
  const severity = stringChild(item, "then") === "warn" ? "warn" : "fail";
  const description = stringChild(item, "desc");
  const conditions = [
    rowBounds(checking, childOf(item, "rows", "map"), label),
    tableCondition(checking, node, item, label),
    lastGood(childOf(item, "last_good", "map")),
  ];
  return conditions.flatMap((condition) =>
    condition === undefined ? [] : [{ ...condition, severity, description }],
  );
}

/** What needs approvals by people comes with the review gates. */
function refuseLater({ problems }: Checking, item: MapTree, label: string): void {
  if (stringChild(item, "then") === "hold")
    problems.add("NOT_AVAILABLE", child(item, "then") as Tree, `${label}: hold is not available`, {
      hint: "Holding a node for approval comes with review gates; use warn or fail.",
    });
  const approved = child(item, "last_approved");
  if (approved !== undefined)
    problems.add("NOT_AVAILABLE", approved, `${label}: last_approved is not available`, {
      hint: "Approved runs come with review gates; use last_good, the last run that succeeded.",
    });
}

function rowBounds(
  { problems }: Checking,
  tree: MapTree | undefined,
  label: string,
): CheckCondition | undefined {
  if (tree === undefined) return undefined;
  const [min, max] = [numberChild(tree, "min"), numberChild(tree, "max")];
  if (min !== undefined && max !== undefined && min > max)
    problems.add("LIMIT", tree, `${label}: min ${min} is above max ${max}`);
  return {
    kind: "rows",
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

function tableCondition(
  { problems }: Checking,
  node: NodeDraft,
  item: MapTree,
  label: string,
): CheckCondition | undefined {
  const tree = textChild(item, "expression");
  if (tree === undefined) return undefined;
  if (node.kind === "table_file")
    problems.add("SHAPE", tree, `${label}: the rows of a file cannot be checked by an expression`, {
      hint: "Put the check on the node that writes the table that feeds this one.",
    });
  else if (node.table !== undefined) checkTableCondition(problems, tree, node.table.fields, label);
  return { kind: "expression", expression: tree.value };
}

function lastGood(tree: MapTree | undefined): CheckCondition | undefined {
  const rowsChangePercent = numberChild(tree, "rows_change_percent");
  return rowsChangePercent === undefined ? undefined : { kind: "last_good", rowsChangePercent };
}
