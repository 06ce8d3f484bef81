import { forEachLimit } from "#pkg/async";
import { counted, shownUrl } from "#pkg/fault";
import {
  sourcesOf,
  type CheckCondition,
  type KeyComponent,
  type RejectPolicy,
  type Script,
  type ScriptNode,
  type TableWriterNode,
} from "#pkg/script";
import type { Files } from "#pkg/transfer";
import {
  affectedNodes,
  expectedRows,
  expectedTime,
  nodePlan,
  type NodePlan,
  type PlanFacts,
  type Range,
  type RunConstants,
  type SourceSize,
} from "#pkg/workflow";
import { withListedInputs } from "./freeze.ts";
import type { Past } from "./past-runs.ts";

/** What a node would do, before anything runs. */
export interface NodeExplanation {
  readonly node: string;
  readonly kind: ScriptNode["kind"];
  readonly description: string;
  /** Line in the script file. */
  readonly line: number;
  readonly startPolicy: ScriptNode["startPolicy"];
  /** Dependency policy that chooses the runs it reads; null for readers of files. */
  readonly policy: string | null;
  /** Whether a run with these start nodes executes it. */
  readonly isStarted: boolean;
  readonly files: readonly { readonly url: string; readonly bytes: number | null }[];
  readonly source: { readonly table: string; readonly node: string } | null;
  readonly lookup: LookupExplanation | null;
  /** Null: chosen when it starts, and no earlier run tells from what. */
  readonly batches: number | null;
  readonly batchesFrom: "script" | "files" | "earlier runs" | "unknown";
  readonly phases: readonly { readonly name: string; readonly units: number }[] | null;
  readonly having: string;
  readonly target: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly expression: string;
  }[];
  readonly indexes: readonly {
    readonly name: string;
    readonly unique: boolean;
    readonly key: string;
  }[];
  /** What must hold for what it wrote. */
  readonly checks: readonly { readonly check: string; readonly severity: "warn" | "fail" }[];
  /** Which rows are set aside instead of failing their batch, "" for none. */
  readonly rejects: string;
  /** Sort order of a file, "" for none. */
  readonly order: string;
  /** Most rows of a sorted file; null for no limit. */
  readonly limit: number | null;
  readonly rows: Range | null;
  readonly elapsedMs: Range | null;
}

interface LookupExplanation {
  readonly index: string;
  readonly table: string;
  readonly node: string;
  readonly join: "inner" | "left";
  readonly group: boolean;
  readonly on: string;
  readonly filter: string;
  /** Null: decided when it starts, and no earlier run tells how big the right table is. */
  readonly plan: "broadcast" | "partitioned" | null;
}

export interface ExplainRequest {
  readonly startNodes: readonly string[];
  readonly constants: RunConstants;
  /** Earlier runs of the same script, the newest first. */
  readonly past: readonly Past[];
}

const STATS_AT_ONCE = 16;

/** Types, indexes, batches, lookup plans and expected rows of every node, in script order. Reads sizes of inputs only. */
export async function explain(
  files: Files,
  written: Script,
  request: ExplainRequest,
): Promise<readonly NodeExplanation[]> {
  const script = await withListedInputs(written, new Set(namesOf(written)), files);
  const sizes = await inputSizes(files, script);
  const started = new Set(affectedNodes(script, request.startNodes));
  return script.nodes.map((node) => explainNode({ script, request, sizes, started }, node));
}

const namesOf = ({ nodes }: Script): readonly string[] => nodes.map(({ name }) => name);

interface Facts {
  readonly script: Script;
  readonly request: ExplainRequest;
  /** By URL; null: cannot be read. */
  readonly sizes: ReadonlyMap<string, number | null>;
  readonly started: ReadonlySet<string>;
}

async function inputSizes(
  files: Files,
  script: Script,
): Promise<ReadonlyMap<string, number | null>> {
  const urls = script.nodes.flatMap((node) => (node.kind === "file_table" ? node.reader.urls : []));
  const sizes = new Map<string, number | null>();
  await forEachLimit(new Set(urls), STATS_AT_ONCE, async (url) => {
    const facts = await files.facts(url).catch(() => undefined); // a missing input is shown as such
    sizes.set(url, facts?.size ?? null);
  });
  return sizes;
}

function explainNode(facts: Facts, node: ScriptNode): NodeExplanation {
  const { script, request, started } = facts;
  const { reader } = sourcesOf(script, node);
  const plan = predictedPlan(facts, node);
  return {
    node: node.name,
    kind: node.kind,
    description: node.description,
    line: node.place.line,
    startPolicy: node.startPolicy,
    policy: node.kind === "file_table" ? null : node.policy,
    isStarted: started.has(node.name),
    files: filesOf(facts, node),
    source: node.kind === "file_table" ? null : { table: node.reader.table, node: String(reader) },
    lookup: lookupOf(script, node, plan),
    ...batchesOf(node, plan),
    phases: plan?.phases ?? null,
    ...targetOf(node),
    checks: (node.checks ?? []).map((check) => ({
      check: conditionText(check),
      severity: check.severity,
    })),
    rejects: rejectsText(node.rejects),
    rows: expectedRows(request.past, node.name) ?? null,
    elapsedMs: expectedTime(request.past, node.name) ?? null,
  };
}

const filesOf = ({ sizes }: Facts, node: ScriptNode): NodeExplanation["files"] =>
  node.kind === "file_table"
    ? node.reader.urls.map((url) => ({ url: shownUrl(url), bytes: sizes.get(url) ?? null }))
    : [];

function lookupOf(
  script: Script,
  node: ScriptNode,
  plan: NodePlan | undefined,
): LookupExplanation | null {
  if (node.kind !== "table_lookup_table") return null;
  const { index, table, join, group, filter, leftFields } = node.lookup;
  const on = leftFields.join(", ");
  const owner = String(sourcesOf(script, node).lookup);
  return { index, table, node: owner, join, group, on, filter, plan: plan?.lookup ?? null };
}

function batchesOf(
  node: ScriptNode,
  plan: NodePlan | undefined,
): Pick<NodeExplanation, "batches" | "batchesFrom"> {
  if (node.kind === "file_table") return { batches: node.reader.urls.length, batchesFrom: "files" };
  const given = node.reader.batches ?? (node.kind === "table_file" ? 1 : undefined);
  if (given !== undefined) return { batches: given, batchesFrom: "script" };
  return plan === undefined
    ? { batches: null, batchesFrom: "unknown" }
    : { batches: plan.batches, batchesFrom: "earlier runs" };
}

/** The plan that the node would get if its sources were as big as in earlier runs; undefined when none tells. */
function predictedPlan({ script, request, sizes }: Facts, node: ScriptNode): NodePlan | undefined {
  if (node.kind === "file_table") {
    const inputs = node.reader.urls.map((url) => sizes.get(url) ?? 0);
    return nodePlan(node, { inputs }, request.constants);
  }
  const names = sourcesOf(script, node);
  const reader = pastSize(request.past, String(names.reader));
  const lookup = names.lookup === undefined ? undefined : pastSize(request.past, names.lookup);
  if (reader === undefined || (names.lookup !== undefined && lookup === undefined))
    return undefined;
  const facts: PlanFacts = { reader, ...(lookup === undefined ? {} : { lookup }) };
  return nodePlan(node, facts, request.constants);
}

/** The table of a node in the newest run that tells its bytes. */
function pastSize(past: readonly Past[], name: string): SourceSize | undefined {
  for (const { nodes } of past) {
    const node = nodes.find((one) => one.node === name && one.state === "success");
    if (node?.bytes !== undefined)
      return { rows: node.rows, bytes: node.bytes, batches: node.batches ?? 1 };
  }
  return undefined;
}

type Target = Pick<NodeExplanation, "having" | "target" | "fields" | "indexes" | "order" | "limit">;

function targetOf(node: ScriptNode): Target {
  if (node.kind !== "table_file") return tableTarget(node);
  const { writer } = node;
  return {
    having: writer.having,
    target: shownUrl(writer.urlTemplate),
    fields: writer.columns.map(({ name, type, expression }) => ({ name, type, expression })),
    indexes: [],
    order: keyText(writer.top?.order ?? []),
    limit: writer.top?.limit ?? null,
  };
}

const tableTarget = ({ writer }: TableWriterNode): Target => ({
  having: writer.having,
  target: writer.table,
  fields: writer.fields.map(({ name, type, expression }) => ({ name, type, expression })),
  indexes: writer.indexes.map(({ name, unique, components }) => ({
    name,
    unique,
    key: keyText(components),
  })),
  order: "",
  limit: null,
});

function conditionText(check: CheckCondition): string {
  switch (check.kind) {
    case "rows":
      return [
        ...(check.min === undefined ? [] : [`at least ${counted(check.min, "row")}`]),
        ...(check.max === undefined ? [] : [`at most ${counted(check.max, "row")}`]),
      ].join(", ");
    case "expression":
      return check.expression;
    case "last_good":
      return `rows within ${check.rowsChangePercent} % of the last good run`;
  }
}

function rejectsText(policy: RejectPolicy | undefined): string {
  if (policy === undefined) return "";
  const sorts = [
    ...(policy.records ? ["records that cannot be read"] : []),
    ...(policy.rows ? ["rows whose expressions fail"] : []),
  ];
  const limit = policy.max === undefined ? "" : `, at most ${policy.max}`;
  return sorts.length === 0 ? "" : sorts.join(" and ") + limit;
}

/** Components as a script writes them. */
const keyText = (components: readonly KeyComponent[]): string =>
  components
    .map(({ field, descending, ignoreCase, length }) => {
      const modifiers = [
        descending ? "desc" : "",
        ignoreCase ? "ignore_case" : "",
        length === undefined ? "" : String(length),
      ].filter((text) => text !== "");
      return modifiers.length === 0 ? field : `${field}(${modifiers.join(",")})`;
    })
    .join(",");
