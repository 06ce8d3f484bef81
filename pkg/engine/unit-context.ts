import { Fault } from "#pkg/fault";
import { nodeNamed, type Script, type ScriptNode } from "#pkg/script";
import { NOTHING_DECIDED, openDecidedRows, type DecidedRows } from "#pkg/table";
import { readAppliedDecisions, type FrozenInput, type UnitTask } from "#pkg/workflow";
import { compileNode, type NodeCode } from "./node-code.ts";
import { Progress } from "./progress.ts";
import type { EnginePorts, NodeContext } from "./types.ts";

/** Scripts a thread keeps; runs of more scripts at once parse them again. */
const KEPT_SCRIPTS = 8;

interface LoadedScript {
  readonly script: Script;
  readonly code: Map<string, NodeCode>;
}

/** Content-addressed, so entries can never be stale. */
const scripts = new Map<string, Promise<LoadedScript>>();

/** The frozen script with the node's expressions compiled; parsed once per thread and hash. */
export async function openContext(task: UnitTask, ports: EnginePorts): Promise<NodeContext> {
  const { script, code } = await scriptOf(task.script, ports);
  const node = nodeNamed(script, task.node);
  if (node === undefined) throw new Fault("INTERNAL", `the frozen script has no node ${task.node}`);
  const inputs = await inputsOf(task.inputs, ports);
  let compiled = code.get(node.name);
  if (compiled === undefined) {
    compiled = compileNode(script, node);
    code.set(node.name, compiled);
  }
  const decided = await decidedBy(task, ports);
  return {
    task,
    ports,
    script,
    inputs,
    decided,
    node,
    code: compiled,
    progress: new Progress(ports),
  };
}

export async function nodeOf(
  { script, node }: Pick<UnitTask, "script" | "node">,
  ports: Pick<EnginePorts, "control">,
): Promise<ScriptNode> {
  return nodeNamed((await scriptOf(script, ports)).script, node);
}

/** Reads a frozen document and keeps what it says as long as units of the same run follow one another. */
function keepLast<T>(
  read: (text: string, hash: string, ports: EnginePorts) => T | Promise<T>,
): (hash: string, ports: EnginePorts) => Promise<T> {
  let known: { readonly hash: string; readonly value: T } | undefined;
  return async (hash, ports) => {
    if (known?.hash === hash) return known.value;
    const value = await read(await ports.control.document(hash), hash, ports);
    known = { hash, value };
    return value;
  };
}

const inputsOf = keepLast((text) => JSON.parse(text) as readonly FrozenInput[]);
const decidedIn = keepLast((text, hash, { control }) =>
  openDecidedRows(readAppliedDecisions(hash, text).layers, (page) => control.document(page)),
);

const decidedBy = async (
  { corrections: hash }: UnitTask,
  ports: EnginePorts,
): Promise<DecidedRows> => (hash === undefined ? NOTHING_DECIDED : decidedIn(hash, ports));

function scriptOf(hash: string, ports: Pick<EnginePorts, "control">): Promise<LoadedScript> {
  const known = scripts.get(hash);
  if (known !== undefined) return known;
  const loading = loadScript(hash, ports);
  scripts.set(hash, loading);
  loading.catch(() => scripts.delete(hash));
  const [oldest] = scripts.keys();
  if (scripts.size > KEPT_SCRIPTS && oldest !== undefined) scripts.delete(oldest);
  return loading;
}

async function loadScript(
  hash: string,
  ports: Pick<EnginePorts, "control">,
): Promise<LoadedScript> {
  return { script: JSON.parse(await ports.control.document(hash)) as Script, code: new Map() };
}
