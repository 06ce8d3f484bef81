import { Fault, isFault, toRecord } from "#pkg/fault";
import { nodeNamed } from "#pkg/script";
import {
  buildManifest,
  nodePlan,
  sourceSize,
  type Action,
  type NodeRecord,
  type PlanFacts,
  type SourceChoice,
  type SourceSize,
  type SourceVersion,
  type Verdict,
  type WorkflowState,
} from "#pkg/workflow";
import type { Context } from "./context.ts";
import { moveNode } from "./move-node.ts";
import { unitsByPhase } from "./node-units.ts";

type Open = Extract<Action, { readonly kind: "open" }>;

/** Records verdict and plan and opens the first phase, in one write (W4). */
export async function beginNode(
  context: Context,
  state: WorkflowState,
  action: Open,
): Promise<boolean> {
  const record = state.nodes.find(({ node }) => node === action.node) as NodeRecord;
  const node = nodeNamed(state.script, action.node);
  try {
    const [reader, lookup] = await sourcesOf(context, state, action.sources);
    const inputs = await context.inputs(state.run.documents.inputs);
    const facts: PlanFacts = {
      ...(reader ? { reader: reader.size } : {}),
      ...(lookup ? { lookup: lookup.size } : {}),
      inputs: inputs.filter((input) => input.node === node.name).map(({ size }) => size),
    };
    const verdict: Verdict = {
      ...(reader ? { reader: reader.version } : {}),
      ...(lookup ? { lookup: lookup.version } : {}),
      evidence: action.evidence,
    };
    const plan = nodePlan(node, facts, state.run.constants);
    const warnings = action.warnings.length > 0 ? { warnings: action.warnings } : {};
    const set = { verdict, plan, phase: 0, startedAt: context.now(), ...warnings };
    const text = `began with ${plan.phases.map(({ name, units }) => `${name} ${units}`).join(", ")}`;
    return await moveNode(context, record, { event: "open", text, set });
  } catch (error) {
    if (!isFault(error) || error.code !== "TABLE_DAMAGED") throw error;
    return moveNode(context, record, {
      event: "fail",
      text: error.message,
      set: { cause: toRecord(error) },
    });
  }
}

interface Source {
  readonly version: SourceVersion;
  readonly size: SourceSize;
}

async function sourcesOf(
  context: Context,
  state: WorkflowState,
  choices: readonly SourceChoice[],
): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const { run, node } of choices) {
    const id = await manifestOf(context, recordOf(state, run, node));
    const manifest = await context.store.manifest(state.run.incarnation, id);
    sources.push({ version: { run, node, manifest: id }, size: sourceSize(manifest) });
  }
  return sources;
}

function recordOf(state: WorkflowState, run: number, node: string): NodeRecord {
  const facts = [state, ...state.others].find((facts) => facts.run.run === run);
  const record = facts?.nodes.find((record) => record.node === node);
  if (record !== undefined) return record;
  throw new Fault("TABLE_DAMAGED", `node "${node}" of run ${run} has left no record`);
}

/** A source that did not succeed has no manifest of its own: its committed batches are listed now (design 4.2 d). */
async function manifestOf(context: Context, record: NodeRecord): Promise<string> {
  if (record.state === "success" && record.manifest !== undefined) return record.manifest;
  return context.store.putManifest(buildManifest(record, await unitsByPhase(context, record)));
}
