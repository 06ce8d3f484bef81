import { isFault } from "#pkg/fault";
import type { Checking, Fields, NodeDraft } from "./drafts.ts";
import { checkExpression, type Scope } from "./expressions.ts";
import { fieldTypeOf } from "./field-type-of.ts";
import { formulaShape } from "./formula-shape.ts";
import { pythonFormula } from "./python-formula.ts";
import { readableReferences } from "./readable-references.ts";
import { rescue } from "./rescue.ts";
import type { CalculatedField, PythonProcessor } from "./node-processor.ts";
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

/** `p` of a py_calc node (spec/script.md 9.1); the code is added by completeScript, which also looks for the functions. */
export function pythonProcessor(
  checking: Checking,
  node: NodeDraft,
  settings: Tree,
  source: Fields | undefined,
): { readonly processor: PythonProcessor; readonly fields: Fields } {
  const label = `node ${node.name}`;
  const urls = itemsOf(childOf(settings, "python_code_urls", "list")).flatMap(
    (item) => textOf(item) ?? [],
  );
  for (const url of urls) checkUrl(checking.problems, url, "input", label);
  const entries = entriesOf(childOf(settings, "calculated_fields", "map"));
  const fields: Fields = new Map(
    entries.map(({ key, value }) => [key, fieldTypeOf(value, "type")]),
  );
  const scope: Scope = new Map([
    ["r", source],
    ["p", fields],
  ]);
  const calculated = entries.flatMap((entry) => formulaOf(checking, entry, scope, label) ?? []);
  const processor = {
    type: "py_calc",
    code: urls.map(({ value: url }) => ({ url, text: "" })),
    fields: inOrder(checking, calculated, entries, label),
  } as const;
  return { processor, fields };
}

function formulaOf(
  { problems, placeOf }: Checking,
  { key, keyOffset, value }: Entry,
  scope: Scope,
  node: string,
): CalculatedField | undefined {
  const label = `${node}, calculated field ${key}`;
  if (!/^[A-Za-z_]\w*$/.test(key))
    problems.addAt(
      "NAME",
      { offset: keyOffset, path: value.path },
      `${label}: the name must be a letter or _ followed by letters, digits or _`,
    );
  const tree = textChild(value, "expression");
  if (tree === undefined) return undefined;
  const before = problems.count;
  const shaped = { ...tree, value: formulaShape(tree.value).text };
  checkExpression(problems, shaped, { place: "field", scope, declared: undefined, label });
  if (problems.count > before) return undefined;
  return rescue(
    () => ({
      name: key,
      type: fieldTypeOf(value, "type") ?? "string",
      expression: tree.value,
      ...pythonFormula(tree.value),
      place: placeOf(tree.offset),
    }),
    isFault,
    (fault) => {
      const at = Number(fault.facts["offset"]);
      problems.add("PROCESSOR", tree, `${label}: ${fault.message}`, { at, hint: fault.hint });
      return undefined;
    },
  );
}

/** Fields may use each other, but not in a circle; each comes after those it uses. */
function inOrder(
  { problems }: Checking,
  fields: readonly CalculatedField[],
  entries: readonly Entry[],
  label: string,
): readonly CalculatedField[] {
  const uses = new Map(entries.map(({ key, value }) => [key, calculatedUses(value)]));
  const settled = new Set<string>();
  for (let size = -1; settled.size > size;) {
    size = settled.size;
    for (const [name, used] of uses)
      if (used.every((each) => settled.has(each) || !uses.has(each))) settled.add(name);
  }
  const open = entries.filter(({ key }) => !settled.has(key));
  const [first] = open;
  if (first !== undefined) {
    const names = open.map(({ key }) => key).join(", ");
    problems.add("CYCLE", first.value, `${label}: the calculated fields ${names} form a cycle`, {
      hint: "A calculated field cannot use itself, directly or through others.",
    });
  }
  return [...settled].flatMap((name) => fields.find((field) => field.name === name) ?? []);
}

const calculatedUses = (field: Tree): readonly string[] =>
  readableReferences(formulaShape(stringChild(field, "expression")).text).flatMap(
    ({ prefix, name }) => (prefix === "p" ? [name] : []),
  );
