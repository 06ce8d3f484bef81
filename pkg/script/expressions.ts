import {
  compileExpression,
  compileTableCondition,
  fieldReferences,
  trialEvaluate,
  type ExpressionPlace,
  type FieldReference,
} from "#pkg/expression";
import { isFault, type Fault } from "#pkg/fault";
import type { FieldType } from "#pkg/value";
import type { Fields } from "./drafts.ts";
import { rescue } from "./rescue.ts";
import type { Problems } from "./problem.ts";
import { shownList, shownText } from "./shown.ts";
import { hinted } from "./suggested.ts";
import type { TextTree } from "./tree.ts";

/** What an expression may mention: fields by prefix. Fields that cannot be known (a wrong table name) are undefined. */
export type Scope = ReadonlyMap<string, Fields | undefined>;

export interface ExpressionUse {
  readonly place: ExpressionPlace;
  readonly scope: Scope;
  readonly declared: FieldType | undefined;
  /** What a person calls it: `node value, field qty`. */
  readonly label: string;
}

/** Reports everything that is wrong with one expression, at the place inside its text. */
export function checkExpression(problems: Problems, tree: TextTree, use: ExpressionUse): void {
  const references = referencesOf(problems, tree, use);
  if (references === undefined) return;
  const before = problems.count;
  for (const reference of references) checkReference(problems, tree, use, reference);
  const { place, scope, declared } = use;
  const isOpen = references.some((each) => typeIn(use, each) === undefined);
  if (problems.count > before || isOpen || declared === undefined) return;
  attempt(problems, tree, use, () => {
    const typeOf = (prefix: string, name: string) => scope.get(prefix)?.get(name);
    trialEvaluate(compileExpression(tree.value, { place, typeOf, declared }));
  });
}

/** An expression that must be there and say something. */
export function checkRequired(problems: Problems, tree: TextTree, use: ExpressionUse): void {
  if (tree.value.trim() === "")
    problems.add("EXPRESSION_EMPTY", tree, `${use.label}: the expression is empty`);
  else checkExpression(problems, tree, use);
}

/** having and filter: the text, "" when there is none. */
export function checkCondition(
  problems: Problems,
  tree: TextTree | undefined,
  scope: Scope,
  label: string,
): string {
  if (tree === undefined || tree.value.trim() === "") return "";
  checkExpression(problems, tree, { place: "condition", scope, declared: "bool", label });
  return tree.value;
}

/** A check over the whole table: its fields stand inside aggregates. */
export function checkTableCondition(
  problems: Problems,
  tree: TextTree,
  fields: Fields,
  label: string,
): void {
  if (tree.value.trim() === "") {
    problems.add("EXPRESSION_EMPTY", tree, `${label}: the expression is empty`);
    return;
  }
  const use: ExpressionUse = {
    place: "group",
    scope: new Map([["w", fields]]),
    declared: "bool",
    label,
  };
  const before = problems.count;
  const references = referencesOf(problems, tree, use) ?? [];
  for (const reference of references) checkReference(problems, tree, use, reference);
  if (problems.count > before || references.some((each) => typeIn(use, each) === undefined)) return;
  attempt(problems, tree, use, () => {
    const typeOf = (_prefix: string, name: string) => fields.get(name);
    compileTableCondition(tree.value, { typeOf });
  });
}

function referencesOf(
  problems: Problems,
  tree: TextTree,
  use: ExpressionUse,
): readonly FieldReference[] | undefined {
  return attempt(problems, tree, use, () => fieldReferences(tree.value));
}

const typeIn = (
  { scope }: ExpressionUse,
  { prefix, name }: FieldReference,
): FieldType | undefined => scope.get(prefix)?.get(name);

function checkReference(
  problems: Problems,
  tree: TextTree,
  { scope, label }: ExpressionUse,
  { prefix, name, offset }: FieldReference,
): void {
  const written = `${prefix}.${name}`;
  const inText = `in ${shownText(tree.value)}`;
  if (!scope.has(prefix)) {
    const allowed = shownList([...scope.keys()].map((each) => `${each}.`));
    const message = `${label}: ${written} cannot be used here, only fields that begin with ${allowed}, ${inText}`;
    problems.add("FIELD_UNKNOWN", tree, message, { at: offset });
    return;
  }
  const fields = scope.get(prefix);
  if (fields === undefined || fields.has(name)) return;
  problems.add("FIELD_UNKNOWN", tree, `${label}: there is no field ${written}, ${inText}`, {
    at: offset,
    ...hinted(name, fields.keys()),
  });
}

/** Runs a step of the expression package and turns its Fault into a problem at the place it names. */
function attempt<Result>(
  problems: Problems,
  tree: TextTree,
  { label }: ExpressionUse,
  step: () => Result,
): Result | undefined {
  return rescue<Result | undefined, Fault>(step, isFault, (fault) => {
    const shown = `${label}: ${fault.message}, in ${shownText(tree.value)}`;
    problems.add(codeOf(fault), tree, shown, {
      hint: fault.hint,
      at: Number(fault.facts["offset"]) || 0,
    });
    return undefined;
  });
}

function codeOf({
  code,
  facts,
}: Fault): "AGGREGATE_PLACE" | "EXPRESSION_SYNTAX" | "EXPRESSION_TYPE" {
  if (facts["code"] === "E-agg") return "AGGREGATE_PLACE";
  return code === "EXPRESSION_SYNTAX" ? code : "EXPRESSION_TYPE";
}
