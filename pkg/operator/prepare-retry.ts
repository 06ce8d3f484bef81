import { Fault } from "#pkg/fault";
import { lineDiff, type Problem, type Script } from "#pkg/script";
import {
  affectedNodes,
  isCounted,
  PHASES,
  planRetry,
  type FrozenInput,
  type NodeRecord,
  type NumberedUnit,
  type PhaseName,
  type RetriedNode,
  type RetryFacts,
  type RetryPlan,
  type RetrySize,
  type RunRecord,
  type UnitsByPhase,
} from "#pkg/workflow";
import { findRetried } from "./find-retried.ts";
import { freezeInputs, withAbsoluteUrls, withFrozenInputs, withListedInputs } from "./freeze.ts";
import type { OperatorPorts } from "./ports.ts";
import { newRowDecisions, openDecisions } from "./row-decisions.ts";
import { checkNames } from "./start-nodes.ts";
import { readComplete, readDocument, type FrozenParameters } from "./load-script.ts";

export interface RetryRequest {
  readonly keyspace: string;
  /** Absent: the newest run. */
  readonly run: number | undefined;
  readonly size: RetrySize;
  /** Input files are read as they are now, also those that changed. */
  readonly changedFiles: boolean;
  /** A corrected script that takes the place of the frozen one. */
  readonly scriptUrl?: string;
  /** Makes a path of the corrected script absolute against a folder: the one of the starter of the retried run. */
  readonly absolute: (url: string, folder: string) => string;
}

export interface PreparedRetry {
  /** The run that is retried. */
  readonly of: RunRecord;
  readonly facts: RetryFacts;
  readonly plan: RetryPlan;
  readonly script: RetryScript;
  /** The newest run of the keyspace then. */
  readonly newest: number;
  /** What is decided about rejected rows of the run: a replay applies it, a retry does not. */
  readonly decided: { readonly corrected: number; readonly waived: number };
}

/** What the retry executes. */
export interface RetryScript {
  readonly script: Script;
  /** Present when a corrected script was given: its text, where it is, and the difference to the one before. */
  readonly corrected?: { readonly text: string; readonly url: string; readonly diff: string };
  readonly warnings: readonly Problem[];
}

/**
 * What a retry would do, from the state of the run, the input files and the script as they are now; changes nothing. Throws
 * RUN_UNFINISHED, RUN_MISSING, KEYSPACE_MISSING, START_NODES, SCRIPT_INVALID; what speaks against the retry itself is in
 * `plan.refusals`.
 */
export async function prepareRetry(
  ports: OperatorPorts,
  request: RetryRequest,
): Promise<PreparedRetry> {
  const { size } = request;
  const goesOn = size.kind === "unfinished";
  const of = await findRetried(ports, { keyspace: request.keyspace, run: request.run, goesOn });
  const before = JSON.parse(await ports.store.document(of.documents.script)) as Script;
  const script = await scriptOf(ports, request, { of, before });
  const affected = concerned(of, before, script.script);
  if (size.kind === "nodes") checkNames(affected, size.nodes);
  if (size.kind === "batches") checkNames(affected, Object.keys(size.batches));
  const runs = await ports.store.runs(of.incarnation);
  const facts: RetryFacts = {
    run: of,
    before,
    script: script.script,
    affected,
    nodes: await nodesOf(ports, of, request),
    inputs: {
      before: JSON.parse(await ports.store.document(of.documents.inputs)) as FrozenInput[],
      now: await freezeInputs(script.script, new Set(affected), ports.files),
    },
    stopped: new Set(runs.filter(({ state }) => state === "stopped").map(({ run }) => run)),
  };
  const newest = runs.at(-1)?.run ?? of.run;
  const decided = await (await openDecisions(ports, await newRowDecisions(ports, of))).count();
  return { of, facts, plan: planRetry(facts, request), script, newest, decided };
}

async function scriptOf(
  ports: OperatorPorts,
  { scriptUrl, absolute }: RetryRequest,
  { of, before }: { readonly of: RunRecord; readonly before: Script },
): Promise<RetryScript> {
  if (scriptUrl === undefined) return { script: before, warnings: [] };
  const text = await readDocument(ports.files, "script", scriptUrl);
  const frozen = await ports.store.document(of.documents.parameters);
  const parameters = JSON.parse(frozen) as FrozenParameters;
  const { script, warnings } = await readComplete(
    ports,
    { file: scriptUrl, text },
    parameters.text === "" ? undefined : { file: of.parametersUrl, text: parameters.text },
    parameters.overrides,
  );
  const written = withAbsoluteUrls(script, (url) => absolute(url, of.folder ?? ""));
  const names = new Set(written.nodes.map(({ name }) => name));
  return {
    script: await withListedInputs(withFrozenInputs(written, before), names, ports.files),
    corrected: {
      text,
      url: scriptUrl,
      diff: lineDiff(await ports.store.document(of.documents.scriptText), text),
    },
    warnings,
  };
}

/** Nodes of the retried run, and under a corrected script those that are new in it. */
function concerned(of: RunRecord, before: Script, script: Script): readonly string[] {
  if (script === before) return of.affected.filter((node) => isCounted(of, node));
  const names = new Set(script.nodes.map(({ name }) => name));
  const lost = of.startNodes.filter((node) => !names.has(node));
  if (lost.length > 0)
    throw new Fault("START_NODES", `the corrected script has no node "${lost.join('", "')}"`, {
      facts: { unknown: lost },
      hint: "Start a new run; a retry begins where the run began.",
    });
  const known = new Set(before.nodes.map(({ name }) => name));
  return affectedNodes(script, of.startNodes).filter(
    (node) => !known.has(node) || (of.affected.includes(node) && isCounted(of, node)),
  );
}

async function nodesOf(
  ports: OperatorPorts,
  of: RunRecord,
  { size, changedFiles, scriptUrl }: RetryRequest,
): Promise<ReadonlyMap<string, RetriedNode>> {
  const nodes = new Map<string, RetriedNode>();
  for (const record of await ports.store.nodes(of.incarnation, of.run)) {
    const isWanted =
      record.state !== "success" ||
      changedFiles ||
      scriptUrl !== undefined ||
      size.kind === "batches";
    nodes.set(record.node, {
      record,
      units: isWanted && record.plan !== undefined ? await unitsOf(ports, record) : {},
    });
  }
  return nodes;
}

/** Units of a node that was taken over wholly are those of the run that executed it. */
async function unitsOf({ store }: OperatorPorts, record: NodeRecord): Promise<UnitsByPhase> {
  const { incarnation, node, adopted } = record;
  const run = adopted?.run ?? record.run;
  const units: Partial<Record<PhaseName, readonly NumberedUnit[]>> = {};
  for (const phase of PHASES) {
    const found = await store.units({ incarnation, run, node, phase });
    if (found.length > 0) units[phase] = found;
  }
  return units;
}
