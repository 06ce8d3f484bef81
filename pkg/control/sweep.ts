import { isFault } from "#pkg/fault";
import { nodeNamed } from "#pkg/script";
import {
  executedUnit,
  isFinalNode,
  outputUrl,
  tokensToKeep,
  type Manifest,
  type NodeRecord,
  type PhaseName,
  type UnitRecord,
  type UnitsByPhase,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import { unitsByPhase } from "./node-units.ts";
import type { RunKey } from "./ports.ts";

/** Removes what dead attempts of the final nodes of a run left behind; nothing that a manifest names. Safe to repeat. */
export async function sweepRun(context: Context, key: RunKey): Promise<void> {
  for (const record of await context.store.nodes(key.incarnation, key.run))
    if (isFinalNode(record.state)) await sweepNode(context, record);
}

/**
 * The same for one node that is final or about to become `record.state`. It comes before the transition, so that a crash
 * between the two leaves a node that is swept again, never a final one with leftovers (W11). `written` is its manifest while the
 * record does not name it yet.
 */
export async function sweepNode(
  context: Context,
  record: NodeRecord,
  written?: Manifest,
): Promise<void> {
  if (record.plan === undefined) return;
  const units = await unitsByPhase(context, record);
  await discardTemporaries(context, record, units);
  if (!mayHaveDeadData(record, units)) return;
  const { incarnation, run, node } = record;
  const manifest =
    record.state === "success" && record.manifest !== undefined
      ? await context.store.manifest(incarnation, record.manifest)
      : written;
  const keep = tokensToKeep(record, manifest, units);
  await context.tables.sweep({ incarnation, run, node }, keep);
}

/** Phases whose pieces the manifest names, or that write none. */
const PLAIN: ReadonlySet<PhaseName> = new Set(["rows", "finish", "check"]);

/** A node whose units all succeeded at once in plain phases has no data but that of its manifest. */
function mayHaveDeadData(record: NodeRecord, units: UnitsByPhase): boolean {
  const phases = record.plan?.phases ?? [];
  return (
    record.state !== "success" ||
    phases.some(({ name }) => !PLAIN.has(name)) ||
    Object.values(units)
      .flat()
      .some(({ record }) => record.attempt > 1)
  );
}

async function discardTemporaries(
  context: Context,
  record: NodeRecord,
  { rows = [] }: UnitsByPhase,
): Promise<void> {
  const run = await context.store.run(record.incarnation, record.run);
  const script = run === undefined ? undefined : await context.script(run.documents.script);
  const node = script === undefined ? undefined : nodeNamed(script, record.node);
  if (node?.kind !== "table_file") return;
  for (const { unit, record: attempt } of rows) {
    const batch = executedUnit(record, "rows", unit);
    const url = outputUrl(node.writer.urlTemplate, record.run, batch);
    for (const token of deadTokens(record, attempt)) await discard(context, { url, token });
  }
}

/** Where this process may not write there is nothing of its attempts; the node must be able to fail all the same. */
async function discard(
  { files }: Context,
  output: { readonly url: string; readonly token: string },
): Promise<void> {
  try {
    await files.discard(output);
  } catch (error) {
    if (!isFault(error) || error.code !== "ACCESS_DENIED") throw error;
  }
}

/** Tokens of attempts that ended, and of all attempts when the node publishes nothing. */
function deadTokens(node: NodeRecord, unit: UnitRecord): readonly string[] {
  const ended = unit.causes.flatMap(({ facts }) =>
    typeof facts["token"] === "string" ? [facts["token"]] : [],
  );
  const isKept = node.state === "success" && unit.state === "success";
  return isKept ? ended.filter((token) => token !== unit.token) : [...ended, unit.token];
}
