import { parseDefault } from "#pkg/value";
import type { Checking, NodeDraft } from "./drafts.ts";
import { checkCondition, checkRequired, type Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import type { Field, Index, TableWriter } from "./script.ts";
import { shownText } from "./shown.ts";
import { childOf, entriesOf, textChild, type Entry, type Tree } from "./tree.ts";

export interface WriterUse {
  readonly scope: Scope;
  /** Fields may be aggregates: a lookup with group: true. */
  readonly isGrouped: boolean;
  /** default_value has a meaning: a left lookup. */
  readonly hasDefaults: boolean;
}

/** `w` of every node that writes a table (spec/script.md 4.1). */
export function tableWriter(checking: Checking, node: NodeDraft, use: WriterUse): TableWriter {
  const { problems } = checking;
  const tree = childOf(node.tree, "w", "map");
  const fields = entriesOf(childOf(tree, "fields", "map"));
  const own = new Map([["w", node.table?.fields]] as const);
  return {
    table: node.table?.name ?? "",
    fields: fields.map((entry) => field(checking, entry, node, use)),
    having: checkCondition(problems, textChild(tree, "having"), own, `node ${node.name}, having`),
    indexes: indexesOf(checking, node),
  };
}

function field(checking: Checking, { key, value }: Entry, node: NodeDraft, use: WriterUse): Field {
  const { problems } = checking;
  const expression = textChild(value, "expression");
  const declared = fieldTypeOf(value, "type");
  const label = `node ${node.name}, field ${key}`;
  const place = use.isGrouped ? "group" : "field";
  if (expression !== undefined)
    checkRequired(problems, expression, { place, scope: use.scope, declared, label });
  return {
    name: key,
    type: declared ?? "string",
    expression: expression?.value ?? "",
    defaultText: defaultText(checking, value, label, use),
  };
}

function defaultText({ problems }: Checking, value: Tree, label: string, use: WriterUse): string {
  const tree = textChild(value, "default_value");
  const type = fieldTypeOf(value, "type");
  const text = tree?.value.trim() ?? "";
  if (tree === undefined || type === undefined || text === "") return "";
  if (parseDefault(type, text) !== undefined) return text;
  problems.add(
    "DEFAULT_TEXT",
    tree,
    `${label}: default_value ${shownText(text)} is not ${type === "int" ? "an" : "a"} ${type}`,
    {
      severity: use.hasDefaults ? "error" : "warning",
      ...(type === "datetime" ? { hint: "Write it like 2006-01-02T15:04:05.000-07:00." } : {}),
    },
  );
  return "";
}

const indexesOf = ({ indexes }: Checking, node: NodeDraft): readonly Index[] =>
  [...indexes.values()].flatMap(({ node: owner, name, definition }) =>
    owner === node.name && definition !== undefined ? [{ name, ...definition }] : [],
  );
