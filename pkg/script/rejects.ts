import type { Checking, NodeDraft } from "./drafts.ts";
import type { RejectPolicy } from "./script.ts";
import { child, childOf, numberChild, stringChild, type MapTree, type Tree } from "./tree.ts";

type OnError = "fail" | "reject" | undefined;

/**
 * `on_error` and `max_rejected` of a node and of its reader (design 10). The one on the node is for rows whose expression fails and
 * the default of the reader; the one on a file reader is for records that cannot be read. A table reader reads no cells, so there
 * both mean the same.
 */
export function rejectPolicy(
  checking: Checking,
  node: NodeDraft,
): { readonly rejects?: RejectPolicy } {
  const reader = childOf(node.tree, "r", "map");
  const [ofNode, ofReader] = [onErrorOf(node.tree), onErrorOf(reader)];
  const readsFiles = node.kind === "file_table";
  if (!readsFiles) refuseTwo(checking, node, "on_error", reader);
  refuseTwo(checking, node, "max_rejected", reader);
  const policy: RejectPolicy = readsFiles
    ? { records: (ofReader ?? ofNode) === "reject", rows: ofNode === "reject" }
    : { records: false, rows: (ofNode ?? ofReader) === "reject" };
  const max = numberChild(node.tree, "max_rejected") ?? numberChild(reader, "max_rejected");
  if (policy.records || policy.rows)
    return { rejects: max === undefined ? policy : { ...policy, max } };
  warnOfLimit(checking, node, reader);
  return {};
}

function warnOfLimit(checking: Checking, node: NodeDraft, reader: MapTree | undefined): void {
  const limit = child(node.tree, "max_rejected") ?? child(reader, "max_rejected");
  if (limit !== undefined)
    checking.problems.add("SHAPE", limit, `node ${node.name}: max_rejected has no effect`, {
      severity: "warning",
      hint: "Rows are rejected only with on_error: reject.",
    });
}

function onErrorOf(tree: MapTree | undefined): OnError {
  const text = stringChild(tree, "on_error");
  return text === "fail" || text === "reject" ? text : undefined;
}

/** A setting that belongs to the node as a whole may be written at either place, not differently at both. */
function refuseTwo(
  { problems }: Checking,
  { name, tree }: NodeDraft,
  key: string,
  reader: MapTree | undefined,
): void {
  const [own, other] = [child(tree, key), child(reader, key)];
  if (own === undefined || other === undefined || valueOf(own) === valueOf(other)) return;
  problems.add("SHAPE", other, `node ${name}: ${key} of the node and of its reader differ`, {
    hint: "Write it once, on the node.",
  });
}

const valueOf = (tree: Tree): unknown => (tree.kind === "scalar" ? tree.value : undefined);
