import { forEachLimit } from "#pkg/async";
import { counted, Fault, isFault, toRecord } from "#pkg/fault";
import type { Manifest, NodePlan, NodeRecord } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { failNode } from "./end-phase.ts";
import { moveNode } from "./move-node.ts";
import { sweepNode } from "./sweep.ts";

type Output = Manifest["outputs"][number];

/** A store makes one write of claims that come together. */
const PATHS_AT_ONCE = 16;

/**
 * Makes all files of a node visible; safe to repeat at any point (W9). Every path is claimed before the first file moves, so a
 * conflict publishes nothing. Outputs that vanished send their batches back to the rows phase.
 */
export async function publishNode(context: Context, record: NodeRecord): Promise<boolean> {
  const { store } = context;
  const manifest = await store.manifest(record.incarnation, record.manifest as string);
  const conflict = await claimPaths(context, record, manifest.outputs);
  if (conflict !== undefined) return refused(context, record, conflict);
  const lost: Output[] = [];
  try {
    for (const output of manifest.outputs) {
      requireLease(context);
      if ((await context.files.publish(output)) === "lost") lost.push(output);
    }
  } catch (error) {
    if (!isFault(error) || error.retryable || error.code === "LEASE_LOST") throw error;
    return failNode(context, record, toRecord(error));
  }
  if (lost.length > 0) return makeAgain(context, record, { manifest, lost });
  await sweepNode(context, { ...record, state: "success" });
  const text = `published ${counted(manifest.outputs.length, "file")}`;
  return moveNode(context, record, { event: "succeed", text });
}

/** A process that may have been declared dead changes nothing any more (W7). */
export function requireLease(context: Context): void {
  if (context.holdsLease()) return;
  throw new Fault("LEASE_LOST", "this process could not renew its lease in time");
}

/** Resolves with the first output whose path belongs to somebody else. */
async function claimPaths(
  context: Context,
  record: NodeRecord,
  outputs: readonly Output[],
): Promise<Output | undefined> {
  const refused = new Set<Output>();
  await forEachLimit(outputs, PATHS_AT_ONCE, async (output) => {
    if (!(await claimPath(context, record, output))) refused.add(output);
  });
  return outputs.find((output) => refused.has(output));
}

async function claimPath(context: Context, record: NodeRecord, output: Output): Promise<boolean> {
  const path = await context.files.resolve(output.url);
  const { incarnation, run } = record;
  return context.store.claimOutput({ path, incarnation, run, token: output.token });
}

/** A refusal because the run was stopped or its keyspace is going is not a conflict; then others have the last word. */
async function refused(context: Context, record: NodeRecord, output: Output): Promise<boolean> {
  const run = await context.store.run(record.incarnation, record.run);
  const keyspace = run === undefined ? undefined : await context.store.keyspace(run.keyspace);
  const isLive = keyspace?.incarnation === record.incarnation && keyspace.state === "live";
  if (run?.state !== "running" || !isLive) return false;
  const message = `a newer run owns ${output.url}`;
  const fault = new Fault("OUTPUT_CONFLICT", message, { facts: { url: output.url } });
  return failNode(context, record, toRecord(fault));
}

async function makeAgain(
  context: Context,
  record: NodeRecord,
  { manifest, lost }: { readonly manifest: Manifest; readonly lost: readonly Output[] },
): Promise<boolean> {
  const earlier = record.lost ?? [];
  const now = manifest.batches
    .filter(({ token }) => lost.some((output) => output.token === token))
    .map(({ batch, token }) => ({ unit: batch, token }));
  const isTooOften = now.some(
    ({ unit }) =>
      earlier.filter((before) => before.unit === unit).length >= context.limits.lostOutputs,
  );
  if (isTooOften) {
    const message = "the finished file vanished again and again before it was published";
    return failNode(context, record, toRecord(new Fault("UNIT_ATTEMPTS", message)));
  }
  const { phases } = record.plan as NodePlan;
  return moveNode(context, record, {
    event: "lost",
    text: `${now.length} finished files vanished before publication; their batches run again`,
    set: { phase: phases.findIndex(({ name }) => name === "rows"), lost: [...earlier, ...now] },
  });
}
