import { checksOf } from "./checks.ts";
import { customProcessor } from "./custom-processor.ts";
import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { refuseExtensions } from "./extensions.ts";
import type { Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { fileReader } from "./file-reader.ts";
import { fileWriter } from "./file-writer.ts";
import { lookupOf } from "./lookup.ts";
import type { NodeKind, ScriptNode, TableWriter } from "./script.ts";
import { hinted } from "./suggested.ts";
import { rejectPolicy } from "./rejects.ts";
import { sourceFields, tableReader } from "./table-reader.ts";
import { tableWriter } from "./table-writer.ts";
import { child, childOf, entriesOf, stringChild, textChild, type Tree } from "./tree.ts";

/** A checked node; what it holds is of use only when no problem was found. */
export function scriptNode(checking: Checking, node: NodeDraft): ScriptNode | undefined {
  refuseExtensions(checking, node);
  return node.kind === undefined ? undefined : BUILDERS[node.kind](checking, node);
}

type Build<Kind extends NodeKind> = (
  checking: Checking,
  node: NodeDraft,
) => Extract<ScriptNode, { kind: Kind }>;

const plain = { isGrouped: false, hasDefaults: false } as const;

const BUILDERS = {
  file_table: (checking, node) => {
    const reader = fileReader(checking, node);
    const scope: Scope = new Map([["r", columnFields(node)]]);
    const writer = tableWriter(checking, node, { scope, ...plain });
    return { kind: "file_table", ...common(checking, node), reader, writer };
  },
  table_table: (checking, node) => ({ kind: "table_table", ...tableParts(checking, node) }),
  distinct_table: (checking, node) => {
    const parts = tableParts(checking, node);
    checkDistinct(checking, node, parts.writer);
    return { kind: "distinct_table", ...parts };
  },
  table_lookup_table: (checking, node) => {
    const reader = tableReader(checking, node);
    const source = sourceFields(checking, reader);
    const { lookup, fields } = lookupOf(checking, node, source);
    const scope: Scope = new Map([
      ["r", source],
      ["l", fields],
    ]);
    const use = { scope, isGrouped: lookup.group, hasDefaults: lookup.join === "left" };
    const writer = tableWriter(checking, node, use);
    const policy = policyOf(checking, node);
    return {
      kind: "table_lookup_table",
      ...common(checking, node),
      policy,
      reader,
      lookup,
      writer,
    };
  },
  table_custom_tfm_table: (checking, node) => {
    const reader = tableReader(checking, node);
    const source = sourceFields(checking, reader);
    const { processor, fields } = customProcessor(checking, node, source);
    const scope: Scope = new Map([
      ["r", source],
      ["p", fields],
    ]);
    const writer = tableWriter(checking, node, { scope, ...plain });
    const policy = policyOf(checking, node);
    return {
      kind: "table_custom_tfm_table",
      ...common(checking, node),
      policy,
      reader,
      processor,
      writer,
    };
  },
  table_file: (checking, node) => {
    const reader = tableReader(checking, node);
    const writer = fileWriter(checking, node, sourceFields(checking, reader));
    const policy = policyOf(checking, node);
    return { kind: "table_file", ...common(checking, node), policy, reader, writer };
  },
} satisfies { readonly [Kind in NodeKind]: Build<Kind> };

function tableParts(checking: Checking, node: NodeDraft) {
  const reader = tableReader(checking, node);
  const scope: Scope = new Map([["r", sourceFields(checking, reader)]]);
  const writer = tableWriter(checking, node, { scope, ...plain });
  return { ...common(checking, node), policy: policyOf(checking, node), reader, writer };
}

function common(checking: Checking, node: NodeDraft) {
  const { name, tree, keyOffset } = node;
  const isManual = stringChild(tree, "start_policy") === "manual";
  const mayNotRerun = stringChild(tree, "rerun_policy") === "fail";
  return {
    name,
    description: stringChild(tree, "desc"),
    startPolicy: isManual ? "manual" : "auto",
    rerunPolicy: mayNotRerun ? "fail" : "rerun",
    place: checking.placeOf(keyOffset),
    ...rejectPolicy(checking, node),
    ...checksOf(checking, node),
  } as const;
}

/** What `r.` stands for in a file_table node; undefined when there are no columns to look at. */
function columnFields({ tree }: NodeDraft): Fields | undefined {
  const columns = childOf(childOf(tree, "r", "map"), "columns", "map");
  if (columns === undefined) return undefined;
  return new Map(entriesOf(columns).map(({ key, value }) => [key, fieldTypeOf(value, "col_type")]));
}

function policyOf({ problems, policies, defaultPolicy }: Checking, node: NodeDraft): string {
  const tree = textChild(node.tree, "dependency_policy");
  if (tree === undefined || tree.value === "") return defaultPolicy;
  if (!policies.has(tree.value))
    problems.add(
      "POLICY",
      tree,
      `node ${node.name}: there is no policy ${tree.value}`,
      hinted(tree.value, policies),
    );
  return tree.value;
}

function checkDistinct(
  { problems }: Checking,
  { name, tree }: NodeDraft,
  writer: TableWriter,
): void {
  const label = `node ${name}`;
  const rerun = textChild(tree, "rerun_policy");
  if (rerun?.value !== "fail")
    problems.add("DISTINCT", rerun ?? tree, `${label}: distinct_table needs rerun_policy: fail`, {
      hint: "Write rerun_policy: fail; the default is rerun.",
    });
  const place = childOf(tree, "w", "map") ?? tree;
  const unique = writer.indexes.filter((index) => index.unique);
  if (unique.length !== 1)
    problems.add(
      "DISTINCT",
      child(place, "indexes") ?? place,
      `${label}: distinct_table needs exactly one unique index, not ${unique.length}`,
      { hint: "The unique index says what is distinct; others are non_unique." },
    );
  if (writer.having !== "")
    problems.add(
      "DISTINCT",
      child(place, "having") as Tree,
      `${label}: distinct_table cannot have having`,
      {
        hint: "Filter in the node before or after it.",
      },
    );
}
