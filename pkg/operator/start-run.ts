import { asFault, Fault } from "#pkg/fault";
import type { Files } from "#pkg/transfer";
import { suggestion } from "#pkg/expression";
import type { Problem, Script, TableFileNode } from "#pkg/script";
import { completeScript, processorFiles, readScript } from "#pkg/script/reading";
import { affectedNodes, type RunConstants, type RunRecord } from "#pkg/workflow";
import { freezeInputs, resolveOutputs, withAbsoluteUrls, type FrozenOutput } from "./freeze.ts";
import type { OperatorPorts } from "./ports.ts";

export interface StartRequest {
  readonly keyspace: string;
  readonly scriptUrl: string;
  /** "" for none. */
  readonly parametersUrl: string;
  /** String parameters that win over the file. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Absent: every file_table node with start policy auto. */
  readonly startNodes?: readonly string[];
  readonly onlyNodes?: readonly string[];
  readonly constants: RunConstants;
  readonly executors: readonly string[];
  readonly description: string;
  readonly startedBy: string;
  /** Makes a path absolute against the folder of the starter. */
  readonly absolute: (url: string) => string;
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
  const script = withAbsoluteUrls(loaded.script, request.absolute);
  const startNodes = checkStartNodes(script, request.startNodes);
  const affected = affectedNodes(script, startNodes);
  const inputs = await freezeInputs(script, new Set(affected), ports.files);
  const { incarnation } = await ports.store.openKeyspace(request.keyspace, ports.newId());
  const [scriptHash, scriptText, parameters, inputsHash] = await Promise.all([
    ports.store.putDocument(JSON.stringify(script)),
    ports.store.putDocument(loaded.text),
    ports.store.putDocument(loaded.parameters),
    ports.store.putDocument(JSON.stringify(inputs)),
  ]);
  const draft: Omit<RunRecord, "run" | "outputs"> = {
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
    description: request.description,
    startedBy: request.startedBy,
    constants: request.constants,
    startedAt: ports.now(),
    comment: "",
  };
  const record = await insert(ports, draft, writersOf(script, request.onlyNodes ?? affected));
  return { record, script, warnings: loaded.warnings };
}

/** spec/workflow.md W-31: the whole name is checked, not one character of it. */
export function checkKeyspaceName(name: string): void {
  if (/^[A-Za-z0-9_]{1,48}$/.test(name) && !/^system/i.test(name) && name !== "control") return;
  throw new Fault("KEYSPACE_NAME", `"${name}" cannot be a keyspace name`, {
    facts: { keyspace: name },
  });
}

interface LoadedScript {
  readonly script: Script;
  readonly warnings: readonly Problem[];
  readonly text: string;
  readonly parameters: string;
}

/** Script and parameters as they are now; throws SCRIPT_INVALID or PARAMETERS_INVALID with every problem. */
export async function loadScript(
  ports: Pick<OperatorPorts, "files">,
  request: Pick<StartRequest, "scriptUrl" | "parametersUrl" | "overrides">,
): Promise<LoadedScript> {
  const { scriptUrl, parametersUrl, overrides } = request;
  const text = await readDocument(ports.files, "script", scriptUrl);
  const given =
    parametersUrl === ""
      ? undefined
      : { file: parametersUrl, text: await readDocument(ports.files, "parameters", parametersUrl) };
  const read = readScript({ file: scriptUrl, text }, given, overrides);
  const complete = completeScript(read.script, await processorTexts(ports.files, read.script));
  return {
    script: complete.script,
    warnings: [...read.warnings, ...complete.warnings],
    text,
    parameters: JSON.stringify({ text: given?.text ?? "", overrides }),
  };
}

async function processorTexts(files: Files, script: Script): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const url of processorFiles(script))
    texts.set(url, await readDocument(files, "criteria", url));
  return texts;
}

/** The start nodes that are meant: every automatic reader of files when none are named. Throws START_NODES. */
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
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length === 0) return wanted;
  const near = unknown.map((name) => suggestion(name, all)).find((name) => name !== undefined);
  throw new Fault("START_NODES", `the script has no node ${unknown.map(quoted).join(", ")}`, {
    facts: { unknown, nodes: all },
    hint: near === undefined ? `Nodes are: ${all.join(", ")}.` : `Did you mean "${near}"?`,
  });
}

const quoted = (text: string): string => `"${text}"`;

const writersOf = (script: Script, names: readonly string[]): readonly TableFileNode[] =>
  script.nodes.filter(
    (node): node is TableFileNode => node.kind === "table_file" && names.includes(node.name),
  );

async function insert(
  ports: OperatorPorts,
  draft: Omit<RunRecord, "run" | "outputs">,
  writers: readonly TableFileNode[],
): Promise<RunRecord> {
  for (;;) {
    const runs = await ports.store.runs(draft.incarnation);
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
        hint: `Continue it with \`capitoolbelt resume --run ${run.run}\`, or stop it with \`capitoolbelt stop_run -keyspace=${run.keyspace} -run_id=${run.run}\`.`,
      });
  }
}

async function readDocument(files: Files, what: string, url: string): Promise<string> {
  try {
    return await files.readText(url);
  } catch (error) {
    throw new Fault(
      "SCRIPT_UNREADABLE",
      `the ${what} file cannot be read: ${asFault(error).message}`,
      {
        cause: error,
        facts: { file: url },
      },
    );
  }
}
