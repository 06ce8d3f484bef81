import { compileTableCondition } from "#pkg/expression";
import { asFault, counted, Fault } from "#pkg/fault";
import { valueAt } from "#pkg/rowset";
import type { Check, ScriptNode, TableFileNode } from "#pkg/script";
import type { RunSummary } from "#pkg/store";
import { readTable } from "#pkg/table";
import { defaultValue, valueToText, type FieldType, type Value } from "#pkg/value";
import {
  buildManifest,
  isSameScript,
  scriptName,
  scriptPlace,
  type CheckResult,
  type Manifest,
  type PhaseName,
  type RunRecord,
  type UnitOutcome,
} from "#pkg/workflow";
import { emptyOutcome } from "./accounting.ts";
import { blockBytesOf } from "./budget.ts";
import { columnsUsed } from "./node-code.ts";
import { scopeOf } from "./evaluate.ts";
import type { NodeContext } from "./types.ts";

/**
 * Phase check: one unit looks at what the node wrote, as its manifest will list it, before the success of the node is recorded. A
 * check that does not hold is a result, not a fault. Memory: one block of the columns that the expressions need, one accumulator an
 * aggregate.
 */
export async function runChecks(context: NodeContext): Promise<UnitOutcome> {
  const manifest = await ownManifest(context);
  const checks: CheckResult[] = [];
  for (const check of context.node.checks ?? [])
    checks.push(await CHECKS[check.kind](context, manifest, check as never));
  return { ...emptyOutcome({ read: manifest.rows }), checks };
}

async function ownManifest({ task, ports }: NodeContext): Promise<Manifest> {
  const { incarnation, run, node, plan } = task;
  const unitsOf = (phase: PhaseName) => ports.control.units({ incarnation, run, node, phase });
  const record = { incarnation, run, node, version: 0, state: "running", plan } as const;
  return buildManifest(record, { rows: await unitsOf("rows"), finish: await unitsOf("finish") });
}

type Of<Kind extends Check["kind"]> = Extract<Check, { kind: Kind }>;
type RunCheck<Kind extends Check["kind"]> = (
  context: NodeContext,
  manifest: Manifest,
  check: Of<Kind>,
) => Promise<CheckResult> | CheckResult;

const CHECKS: { readonly [Kind in Check["kind"]]: RunCheck<Kind> } = {
  rows: (_, manifest, check) => checkRows(manifest, check),
  expression: (context, manifest, check) => checkExpression(context, manifest, check),
  last_good: (context, manifest, check) => compareWithLastGood(context, manifest, check),
};

function resultOf(
  { severity, description }: Check,
  what: Pick<CheckResult, "check" | "outcome" | "found">,
): CheckResult {
  return { ...what, description, severity };
}

function checkRows({ rows }: Manifest, check: Of<"rows">): CheckResult {
  const { min, max } = check;
  const parts = [
    ...(min === undefined ? [] : [`at least ${counted(min, "row")}`]),
    ...(max === undefined ? [] : [`at most ${counted(max, "row")}`]),
  ];
  const holds = rows >= (min ?? 0) && rows <= (max ?? Number.POSITIVE_INFINITY);
  const outcome = holds ? "passed" : "failed";
  return resultOf(check, { check: parts.join(", "), outcome, found: counted(rows, "row") });
}

/** An expression that cannot be evaluated does not hold. */
async function checkExpression(
  context: NodeContext,
  manifest: Manifest,
  check: Of<"expression">,
): Promise<CheckResult> {
  const { expression } = check;
  const types = fieldTypes(context.node);
  const condition = compileTableCondition(expression, { typeOf: (_, name) => types.get(name) });
  try {
    const results = await aggregate(context, manifest, condition.aggregates);
    const found = condition.aggregates.map(
      ({ text, kind }, at) => `${text} = ${valueToText(kind, results[at] as Value)}`,
    );
    const outcome = condition.holds(results) ? "passed" : "failed";
    return resultOf(check, { check: expression, outcome, found: found.join(", ") });
  } catch (error) {
    const { code, message } = asFault(error);
    if (code !== "EXPRESSION_ROW") throw error;
    return resultOf(check, { check: expression, outcome: "failed", found: message });
  }
}

type Aggregates = ReturnType<typeof compileTableCondition>["aggregates"];

async function aggregate(
  { ports, progress }: NodeContext,
  manifest: Manifest,
  aggregates: Aggregates,
): Promise<readonly Value[]> {
  const accumulators = aggregates.map((each) => {
    if (each.aggregate === undefined) throw new Fault("INTERNAL", `${each.text} is no aggregate`);
    return each.aggregate.accumulators(1);
  });
  const columns = columnsUsed(aggregates, "w");
  const blocks = readTable(ports.tables, manifest, {
    columns,
    blockBytes: blockBytesOf(ports.memory),
  });
  for await (const { rowset } of blocks) {
    const scope = scopeOf("w", rowset.columns);
    const groups = new Int32Array(rowset.rows);
    for (const [at, { inputs }] of aggregates.entries())
      accumulators[at]?.add(
        groups,
        inputs.map(({ prefix, name }) => scope(prefix, name)),
        rowset.rows,
      );
    progress.advance(rowset.rows);
  }
  return aggregates.map(({ kind }, at) => {
    const absent = defaultValue(kind as FieldType);
    const results = accumulators[at]?.results(absent);
    return results === undefined ? absent : valueAt(results, 0);
  });
}

const fieldTypes = (node: ScriptNode): ReadonlyMap<string, FieldType> =>
  new Map(
    (node as Exclude<ScriptNode, TableFileNode>).writer.fields.map(({ name, type }) => [
      name,
      type,
    ]),
  );

/** The newest run of a script of this name that succeeded, in whatever keyspace; without one there is nothing to compare with. */
async function compareWithLastGood(
  context: NodeContext,
  { rows }: Manifest,
  check: Of<"last_good">,
): Promise<CheckResult> {
  const { rowsChangePercent } = check;
  const what = `rows within ${rowsChangePercent} % of the last good run`;
  const last = await lastGoodRun(context);
  if (last === undefined)
    return resultOf(check, { check: what, outcome: "skipped", found: "no earlier good run" });
  const change = changeInPercent(last.rows, rows);
  const found = `${counted(rows, "row")}, ${last.rows} in run ${last.run} of keyspace ${last.keyspace} (${signed(change)} %)`;
  const outcome = Math.abs(change) <= rowsChangePercent ? "passed" : "failed";
  return resultOf(check, { check: what, outcome, found });
}

async function lastGoodRun({
  task,
  ports,
}: NodeContext): Promise<
  { readonly rows: number; readonly run: number; readonly keyspace: string } | undefined
> {
  const { incarnation, run, node } = task;
  const record = await ports.control.run(incarnation, run);
  const summaries = await ports.control.summaries(scriptName(record?.scriptUrl ?? ""));
  for (const summary of summaries) {
    if (summary.outcome !== "succeeded" || !isOfScript(summary, record)) continue;
    if (summary.incarnation === incarnation && summary.run === run) continue;
    const line = summary.nodes.find((each) => each.node === node && each.state === "success");
    if (line !== undefined)
      return { rows: line.rows, run: summary.run, keyspace: summary.keyspace };
  }
  return undefined;
}

const isOfScript = (
  { scriptUrl, nodes }: RunSummary,
  run: Pick<RunRecord, "scriptUrl" | "folder" | "affected"> | undefined,
): boolean =>
  run === undefined ||
  isSameScript(
    { scriptUrl: scriptPlace(run), nodes: run.affected },
    { scriptUrl, nodes: nodes.map(({ node }) => node) },
  );

const changeInPercent = (before: number, now: number): number =>
  before === now ? 0 : before === 0 ? Number.POSITIVE_INFINITY : ((now - before) / before) * 100;

const signed = (change: number): string =>
  `${change > 0 ? "+" : ""}${Number.isFinite(change) ? Math.round(change * 10) / 10 : "∞"}`;
