import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { checkExpression, checkRequired, type Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { readableReferences } from "./readable-references.ts";
import type { CustomNode } from "./script.ts";
import {
  childOf,
  entriesOf,
  itemsOf,
  plainValue,
  stringChild,
  textChild,
  textOf,
  type Entry,
  type Tree,
} from "./tree.ts";
import { checkUrl } from "./urls.ts";

export interface ProcessorResult {
  readonly processor: CustomNode["processor"];
  /** What `p.` stands for; undefined when the processor is not known. */
  readonly fields: Fields | undefined;
}

type Check = (
  checking: Checking,
  node: NodeDraft,
  settings: Tree,
  source: Fields | undefined,
) => Fields;

/** `custom_proc_type` and `p` (spec/script.md 9): checked to the end, then refused, because this build runs none. */
export function customProcessor(
  checking: Checking,
  node: NodeDraft,
  source: Fields | undefined,
): ProcessorResult {
  const type = textChild(node.tree, "custom_proc_type");
  const settings = childOf(node.tree, "p", "map");
  const check = CHECKS.get(type?.value ?? "");
  const fields =
    check === undefined || settings === undefined
      ? undefined
      : check(checking, node, settings, source);
  if (type !== undefined && check !== undefined)
    checking.problems.add(
      "NOT_AVAILABLE",
      type,
      `node ${node.name}: the processor ${type.value} is not available in this build`,
    );
  const processor = {
    type: type?.value ?? "",
    settings: settings === undefined ? {} : plainValue(settings),
  };
  return { processor, fields };
}

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  ["py_calc", checkPython],
  ["tag_and_denormalize", checkTags],
]);

function checkTags(
  { problems, dialect }: Checking,
  node: NodeDraft,
  settings: Tree,
  source: Fields | undefined,
): Fields {
  const label = `node ${node.name}`;
  const key = dialect === "latest" ? "tag_criteria_url" : "tag_criteria_uri";
  const url = textChild(settings, key);
  const criteria = entriesOf(childOf(settings, "tag_criteria", "map"));
  const hasUrl = url !== undefined && url.value !== "";
  if (hasUrl === criteria.length > 0)
    problems.add(
      "PROCESSOR",
      settings,
      `${label}: ${hasUrl ? "only one" : "one"} of tag_criteria and ${key} must be given`,
    );
  if (url !== undefined) checkUrl(problems, url, "input", label);
  for (const { key: tag, value } of criteria) {
    const text = textOf(value);
    if (text === undefined) continue;
    const scope: Scope = new Map([["r", source]]);
    const use = {
      place: "condition",
      scope,
      declared: "bool",
      label: `${label}, tag ${tag}`,
    } as const;
    checkRequired(problems, text, use);
  }
  const name = textChild(settings, "tag_field_name")?.value;
  return new Map(name === undefined ? [] : [[name, "string"] as const]);
}

function checkPython(
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
