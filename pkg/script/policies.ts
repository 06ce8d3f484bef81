import type { FieldType } from "#pkg/value";
import type { Dialect, Fields } from "./drafts.ts";
import { checkRequired, type Scope } from "./expressions.ts";
import { parseOrder } from "./key-components.ts";
import type { Problems } from "./problem.ts";
import { readableReferences } from "./readable-references.ts";
import type { DependencyPolicy } from "./script.ts";
import { shownText } from "./shown.ts";
import {
  boolChild,
  childOf,
  entriesOf,
  itemsOf,
  stringChild,
  textChild,
  type Entry,
  type Tree,
} from "./tree.ts";

type Vocabulary = DependencyPolicy["vocabulary"];

const VOCABULARIES = ["nrs", "e"] as const satisfies readonly Vocabulary[];

const fieldsOf = (fields: Readonly<Record<string, FieldType>>): Fields =>
  new Map(Object.entries(fields));

/** What a rule can ask about an event, in both generations (spec/workflow.md 5.2). */
const EVENT_FIELDS = {
  nrs: fieldsOf({ run_id: "int", run_is_current: "bool", run_status: "int", node_status: "int" }),
  e: fieldsOf({
    run_id: "int",
    run_is_current: "bool",
    run_start_ts: "datetime",
    run_final_status: "int",
    run_completed_ts: "datetime",
    run_stopped_ts: "datetime",
    node_is_started: "bool",
    node_start_ts: "datetime",
    node_status: "int",
    node_status_ts: "datetime",
  }),
} as const satisfies Record<Vocabulary, Fields>;

const STATUSES = fieldsOf({
  RunNone: "int",
  RunStart: "int",
  RunComplete: "int",
  RunStop: "int",
  NodeBatchNone: "int",
  NodeBatchStart: "int",
  NodeBatchSuccess: "int",
  NodeBatchFail: "int",
  NodeBatchRunStopReceived: "int",
});

/** Order of a policy that gives none. */
const DEFAULT_ORDERS = {
  nrs: "run_is_current(desc),run_id(desc)",
  e: "run_is_current(desc),node_start_ts(desc)",
} as const satisfies Record<Vocabulary, string>;

/** `dependency_policies` (spec/script.md 1.4, spec/workflow.md 5.1). */
export function policiesOf(
  root: Tree,
  dialect: Dialect,
  problems: Problems,
): readonly DependencyPolicy[] {
  const tree = childOf(root, "dependency_policies", "map");
  const policies = entriesOf(tree).map((entry) => policy(entry, dialect, problems));
  const defaults = policies.filter(({ isDefault }) => isDefault);
  if (tree !== undefined && defaults.length !== 1) {
    const names = defaults.map(({ name }) => name).join(", ");
    const found = defaults.length === 0 ? "none has it" : `${names} have it`;
    problems.add("POLICY", tree, `exactly one policy must have is_default: true; ${found}`, {
      hint: "Set is_default: true in one policy.",
    });
  }
  return policies;
}

function policy({ key, value }: Entry, dialect: Dialect, problems: Problems): DependencyPolicy {
  const rules = itemsOf(childOf(value, "rules", "list"));
  const used = rules.map((rule) => prefixesOf(rule));
  const vocabulary = vocabularyOf(value, used, dialect);
  const isMixed = reportMixture({ key, value }, rules, used, problems);
  return {
    name: key,
    isDefault: boolChild(value, "is_default") ?? false,
    vocabulary,
    order: isMixed ? [] : orderOf({ key, value }, vocabulary, problems),
    rules: rules.map((rule, position) => {
      const expression = textChild(rule, "expression");
      const prefixes = isMixed ? VOCABULARIES : [vocabulary];
      const scope: Scope = new Map<string, Fields>([
        ...prefixes.map((prefix) => [prefix, EVENT_FIELDS[prefix]] as const),
        ["wfmodel", STATUSES],
      ]);
      const label = `policy ${key}, rule ${position + 1}`;
      if (expression !== undefined)
        checkRequired(problems, expression, { place: "condition", scope, declared: "bool", label });
      return { command: commandOf(rule), expression: expression?.value ?? "" };
    }),
  };
}

function commandOf(rule: Tree): "go" | "wait" | "nogo" {
  const command = textChild(rule, "cmd")?.value;
  return command === "go" || command === "wait" ? command : "nogo";
}

type NamedPolicy = Pick<Entry, "key" | "value">;

function orderOf(
  { key, value }: NamedPolicy,
  vocabulary: Vocabulary,
  problems: Problems,
): DependencyPolicy["order"] {
  const tree = textChild(value, "event_priority_order");
  const given = tree?.value.trim() ?? "";
  const text = tree === undefined || given === "" ? DEFAULT_ORDERS[vocabulary] : tree.value;
  const order = parseOrder(text, EVENT_FIELDS[vocabulary], ({ message, ...details }) => {
    const shown = `policy ${key}, event_priority_order: ${message}, in ${shownText(text)}`;
    problems.add("ORDER", tree as Tree, shown, details);
  });
  return order ?? [];
}

/** The rules of a policy with both prefixes are checked with both, so that the mixture is their only problem. */
function reportMixture(
  { key }: NamedPolicy,
  rules: readonly Tree[],
  used: readonly ReadonlySet<string>[],
  problems: Problems,
): boolean {
  const older = used.findIndex((prefixes) => prefixes.has("e"));
  if (older < 0 || !used.some((prefixes) => prefixes.has("nrs"))) return false;
  const message = `policy ${key}: nrs. (latest) and e. (1.1.6) cannot stand in one policy`;
  problems.add("DIALECT", textChild(rules[older], "expression") as Tree, message, {
    hint: "Write all rules of the policy with nrs. (latest), or all with e. (1.1.6).",
  });
  return true;
}

/** By the prefixes of the rules, else by the order, else by the generation of the script. */
function vocabularyOf(
  policy: Tree,
  used: readonly ReadonlySet<string>[],
  dialect: Dialect,
): Vocabulary {
  const named = VOCABULARIES.find((prefix) => used.some((prefixes) => prefixes.has(prefix)));
  if (named !== undefined) return named;
  const order = stringChild(policy, "event_priority_order");
  if (/\b(?:run|node)_\w*_ts\b|\brun_final_status\b/.test(order)) return "e";
  return dialect === "latest" || /\brun_status\b/.test(order) ? "nrs" : "e";
}

const prefixesOf = (rule: Tree): ReadonlySet<string> =>
  new Set(readableReferences(stringChild(rule, "expression")).map(({ prefix }) => prefix));
