import { Fault } from "#pkg/fault";
import type { Problem, Script, ScriptNode, TableFileNode } from "#pkg/script";
import { affectedNodes, type RunConstants, type RunRecord } from "#pkg/workflow";
import {
  freezeInputs,
  resolveOutputs,
  withAbsoluteUrls,
  withListedInputs,
  type FrozenOutput,
} from "./freeze.ts";
import { loadScript, type ScriptSource } from "./load-script.ts";
import type { OperatorPorts } from "./ports.ts";
import { settledConstants } from "./run-constants.ts";
import { checkNames } from "./start-nodes.ts";

export interface StartRequest extends ScriptSource {
  readonly keyspace: string;
  /** Absent: every file_table node with start policy auto. */
  readonly startNodes?: readonly string[];
  readonly onlyNodes?: readonly string[];
  /** A chunk size of 0 is the one that suits the table store. */
  readonly constants: RunConstants;
  readonly executors: readonly string[];
  readonly description: string;
  readonly startedBy: string;
  /** Makes a path absolute against the folder of the starter. */
  readonly absolute: (url: string) => string;
  /** Checks that what executes here can execute these nodes; absent when others execute, who find out themselves. */
  readonly prepare?: (nodes: readonly ScriptNode[]) => Promise<void>;
}

export interface StartedRun {
  readonly record: RunRecord;
  readonly script: Script;
  readonly warnings: readonly Problem[];
}

/**
 * Reads, checks and freezes everything, then makes the run visible with one conditional insert (design 4.1). Nothing is left
 * behind when it throws: SCRIPT_INVALID, PARAMETERS_INVALID, START_NODES, KEYSPACE_NAME, RUN_CONFLICT, KEYSPACE_DROPPING.
 */
export async function startRun(ports: OperatorPorts, request: StartRequest): Promise<StartedRun> {
  checkKeyspaceName(request.keyspace);
  const loaded = await loadScript(ports, request);
  const written = withAbsoluteUrls(loaded.script, request.absolute);
  const startNodes = checkStartNodes(written, request.startNodes);
  const affected = affectedNodes(written, startNodes);
  const script = await withListedInputs(written, new Set(affected), ports.files);
  await request.prepare?.(script.nodes.filter(({ name }) => affected.includes(name)));
  const inputs = await freezeInputs(script, new Set(affected), ports.files);
  const { incarnation } = await ports.store.openKeyspace(request.keyspace, ports.newId());
  const [scriptHash, scriptText, parameters, inputsHash] = await Promise.all([
    ports.store.putDocument(JSON.stringify(script)),
    ports.store.putDocument(loaded.text),
    ports.store.putDocument(loaded.parameters),
    ports.store.putDocument(JSON.stringify(inputs)),
  ]);
  const draft: RunDraft = {
    incarnation,
    keyspace: request.keyspace,
    version: 1,
    state: "running",
    epoch: 1,
    startNodes,
    affected,
    ...(request.onlyNodes ? { onlyNodes: request.onlyNodes } : {}),
    executors: request.executors,
    documents: { script: scriptHash, scriptText, parameters, inputs: inputsHash },
    scriptUrl: request.scriptUrl,
    parametersUrl: request.parametersUrl,
    folder: request.absolute(""),
    description: request.description,
    startedBy: request.startedBy,
    constants: settledConstants(request.constants, ports.tables),
    startedAt: ports.now(),
    comment: "",
  };
  const record = await insertRun(ports, draft, writersOf(script, request.onlyNodes ?? affected));
  return { record, script, warnings: loaded.warnings };
}

/** spec/workflow.md W-31: the whole name is checked, not one character of it. */
export function checkKeyspaceName(name: string): void {
  if (/^[A-Za-z0-9_]{1,48}$/.test(name) && !/^system/i.test(name) && name !== "control") return;
  throw new Fault("KEYSPACE_NAME", `"${name}" cannot be a keyspace name`, {
    facts: { keyspace: name },
  });
}

/** The nodes to start: the named ones, or every automatic file reader; throws START_NODES. */
export function checkStartNodes(
  script: Script,
  names: readonly string[] | undefined,
): readonly string[] {
  const all = script.nodes.map((node) => node.name);
  if (names === undefined) {
    const roots = script.nodes
      .filter((node) => node.kind === "file_table" && node.startPolicy === "auto")
      .map((node) => node.name);
    if (roots.length > 0) return roots;
    throw new Fault("START_NODES", "the script has no file_table node with start policy auto", {
      hint: "Name the nodes to start with --start.",
    });
  }
  const wanted = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ""))];
  if (wanted.length === 0) throw new Fault("START_NODES", "the list of start nodes is empty");
  checkNames(all, wanted);
  return wanted;
}

/** A run that has no number yet. */
export type RunDraft = Omit<RunRecord, "run" | "outputs">;

export const writersOf = (script: Script, names: readonly string[]): readonly TableFileNode[] =>
  script.nodes.filter(
    (node): node is TableFileNode => node.kind === "table_file" && names.includes(node.name),
  );

/** Makes the run visible under the next number, with the files that it will publish; `check` may refuse it beside others. */
export async function insertRun(
  ports: OperatorPorts,
  draft: RunDraft,
  writers: readonly TableFileNode[],
  check: (runs: readonly RunRecord[]) => void = () => undefined,
): Promise<RunRecord> {
  for (;;) {
    const runs = await ports.store.runs(draft.incarnation);
    check(runs);
    const run = (runs.at(-1)?.run ?? 0) + 1;
    const outputs = await resolveOutputs(writers, run, ports.files);
    refuseSharedOutputs(outputs, runs);
    const record: RunRecord = { ...draft, run, outputs: outputs.map(({ path }) => path) };
    if (await ports.store.insertRun(record)) return record;
  }
}

function refuseSharedOutputs(outputs: readonly FrozenOutput[], runs: readonly RunRecord[]): void {
  const owners = new Map<string, string>();
  for (const { node, path } of outputs) {
    const other = owners.get(path);
    if (other !== undefined)
      throw new Fault("RUN_CONFLICT", `nodes "${other}" and "${node}" both write ${path}`, {
        facts: { path, nodes: [other, node] },
        hint: "Give every node and batch its own file, for example with {batch_idx}.",
      });
    owners.set(path, node);
  }
  for (const run of runs) {
    const shared =
      run.state === "running" ? run.outputs.find((path) => owners.has(path)) : undefined;
    if (shared !== undefined)
      throw new Fault("RUN_CONFLICT", `run ${run.run} has not ended and writes ${shared} too`, {
        facts: { path: shared, run: run.run },
        hint: `Continue it with \`capitoolbelt resume --keyspace ${run.keyspace} --run ${run.run}\`, or stop it with \`capitoolbelt stop_run --keyspace ${run.keyspace} --run_id ${run.run}\`.`,
      });
  }
}
