import type { FieldType } from "#pkg/value";
import type { Checking, Fields, IndexDraft, NodeDraft } from "./drafts.ts";
import { checkCondition } from "./expressions.ts";
import type { KeyComponent, Lookup } from "./script.ts";
import { shownText } from "./shown.ts";
import { hinted } from "./suggested.ts";
import {
  boolChild,
  child,
  childOf,
  stringChild,
  textChild,
  type TextTree,
  type Tree,
} from "./tree.ts";

export interface LookupResult {
  readonly lookup: Lookup;
  /** What `l.` stands for; undefined when the index is not known. */
  readonly fields: Fields | undefined;
}

/** `l` of a table_lookup_table node (spec/script.md 6.1). */
export function lookupOf(
  checking: Checking,
  node: NodeDraft,
  source: Fields | undefined,
): LookupResult {
  const tree = childOf(node.tree, "l", "map");
  const label = `node ${node.name}`;
  const index = indexOf(checking, tree, label);
  const fields = index?.fields;
  const scope = new Map([["l", fields]] as const);
  const filter = textChild(tree, "filter");
  const lookup: Lookup = {
    index: stringChild(tree, "index_name"),
    table: index?.table ?? "",
    leftFields: leftFields(checking, textChild(tree, "join_on"), { source, index, label }),
    components: index?.definition?.components ?? [],
    join: stringChild(tree, "join_type") === "left" ? "left" : "inner",
    group: isGrouped(tree),
    filter: checkCondition(checking.problems, filter, scope, `${label}, filter`),
  };
  return { lookup, fields };
}

/** A lookup that is missing or says something else than true or false is a problem of its own, its aggregates are not. */
const isGrouped = (tree: Tree | undefined): boolean =>
  boolChild(tree, "group") ?? (tree === undefined || child(tree, "group") !== undefined);

function indexOf(
  { problems, indexes }: Checking,
  tree: Tree | undefined,
  label: string,
): IndexDraft | undefined {
  const name = textChild(tree, "index_name");
  if (name === undefined) return undefined;
  const index = indexes.get(name.value);
  if (index === undefined)
    problems.add(
      "INDEX_UNKNOWN",
      name,
      `${label}: no node of this script defines the index ${name.value}`,
      hinted(name.value, indexes.keys()),
    );
  return index;
}

interface Join {
  readonly source: Fields | undefined;
  readonly index: IndexDraft | undefined;
  readonly label: string;
}

interface JoinItem {
  readonly field: string;
  readonly at: number;
}

/** Left fields in component order: by name when all component names occur, else by position. */
function leftFields(
  { problems }: Checking,
  tree: TextTree | undefined,
  join: Join,
): readonly string[] {
  if (tree === undefined) return [];
  const before = problems.count;
  const items = joinItems(tree.value);
  for (const item of items) checkItem(problems, tree, item, join);
  const { index } = join;
  if (index?.definition === undefined || problems.count > before) return [];
  const { components } = index.definition;
  if (items.length !== components.length) {
    const message = `${join.label}, join_on: ${items.length} fields for the ${components.length} components of ${index.name}`;
    problems.add("JOIN", tree, message);
    return [];
  }
  const names = new Set(items.map(({ field }) => field));
  const byName = components.every(({ field }) => names.has(field));
  return components.map((component, position) => {
    const item = byName ? items.find(({ field }) => field === component.field) : items[position];
    checkTypes(problems, tree, { ...join, index, component, item: item as JoinItem });
    return (item as JoinItem).field;
  });
}

/** `r.a, r.b`; the field of an item that is not of this form is "". */
function joinItems(text: string): readonly JoinItem[] {
  let at = 0;
  return text.split(",").map((part) => {
    const start = at + (part.length - part.trimStart().length);
    at += part.length + 1;
    return { field: /^r\.(\w+)$/.exec(part.trim())?.[1] ?? "", at: start };
  });
}

function checkItem(
  problems: Checking["problems"],
  tree: TextTree,
  { field, at }: JoinItem,
  { source, label }: Join,
): void {
  if (field === "")
    problems.add(
      "JOIN",
      tree,
      `${label}, join_on: r.field is expected, in ${shownText(tree.value)}`,
      { at },
    );
  else if (source !== undefined && !source.has(field))
    problems.add("FIELD_UNKNOWN", tree, `${label}, join_on: there is no field r.${field}`, {
      at,
      ...hinted(field, source.keys()),
    });
}

interface Pair extends Join {
  readonly index: IndexDraft;
  readonly component: KeyComponent;
  readonly item: JoinItem;
}

function checkTypes(
  problems: Checking["problems"],
  tree: TextTree,
  { source, index, label, component, item }: Pair,
): void {
  const left: FieldType | undefined = source?.get(item.field);
  const right = index.fields.get(component.field);
  if (left === undefined || right === undefined || left === right) return;
  const message = `${label}, join_on: r.${item.field} is ${left}, but ${component.field} of ${index.name} is ${right}`;
  problems.add("JOIN", tree, message, { at: item.at });
}
