import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { checkExpression, type Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { readableReferences } from "./readable-references.ts";
import {
  childOf,
  entriesOf,
  itemsOf,
  stringChild,
  textChild,
  textOf,
  type Entry,
  type Tree,
} from "./tree.ts";
import { checkUrl } from "./urls.ts";

/** `p` of a py_calc node (spec/script.md 9.1); resolves to what `p.` stands for. */
export function pythonProcessor(
  checking: Checking,
  node: NodeDraft,
  settings: Tree,
  source: Fields | undefined,
): Fields {
  const label = `node ${node.name}`;
  for (const item of itemsOf(childOf(settings, "python_code_urls", "list"))) {
    const url = textOf(item);
    if (url !== undefined) checkUrl(checking.problems, url, "input", label);
  }
  const entries = entriesOf(childOf(settings, "calculated_fields", "map"));
  const fields: Fields = new Map(
    entries.map(({ key, value }) => [key, fieldTypeOf(value, "type")]),
  );
  const scope: Scope = new Map([
    ["r", source],
    ["p", fields],
  ]);
  for (const entry of entries) checkFormula(checking, entry, scope, label);
  checkOrder(checking, entries, label);
  return fields;
}

/** One function call or one field; what Python makes of it is not looked at. */
const FORMULA = /^\s*(?:[rp]\.\w+|[A-Za-z_]\w*\s*\([^]*\))\s*$/;

function checkFormula(
  { problems }: Checking,
  { key, value }: Entry,
  scope: Scope,
  node: string,
): void {
  const tree = textChild(value, "expression");
  if (tree === undefined) return;
  const label = `${node}, calculated field ${key}`;
  if (!FORMULA.test(tree.value))
    problems.add("PROCESSOR", tree, `${label}: the formula must be one function call or one field`);
  checkExpression(problems, tree, { place: "field", scope, declared: undefined, label });
}

/** Fields may use each other, but not in a circle. */
function checkOrder({ problems }: Checking, entries: readonly Entry[], label: string): void {
  const uses = new Map(entries.map(({ key, value }) => [key, calculatedUses(value)]));
  const settled = new Set<string>();
  for (let size = -1; settled.size > size;) {
    size = settled.size;
    for (const [name, used] of uses)
      if (used.every((each) => settled.has(each) || !uses.has(each))) settled.add(name);
  }
  const open = entries.filter(({ key }) => !settled.has(key));
  const [first] = open;
  if (first === undefined) return;
  const names = open.map(({ key }) => key).join(", ");
  problems.add("CYCLE", first.value, `${label}: the calculated fields ${names} form a cycle`, {
    hint: "A calculated field cannot use itself, directly or through others.",
  });
}

const calculatedUses = (field: Tree): readonly string[] =>
  readableReferences(stringChild(field, "expression")).flatMap(({ prefix, name }) =>
    prefix === "p" ? [name] : [],
  );
