import { nodeNamed, type Script, type ScriptNode } from "#pkg/script";
import { affectedNodes, sourceNodes } from "./affected-nodes.ts";
import type { FrozenInput, NodeRecord, RunConstants, RunRecord } from "./records.ts";
import { decideSources, type RunFacts } from "./verdict.ts";

export interface StartFacts {
  readonly script: Script;
  readonly startNodes: readonly string[];
  /** Number that the run would get. */
  readonly run: number;
  readonly startedAt: number;
  readonly constants: RunConstants;
  readonly inputs: readonly FrozenInput[];
  /** The other runs of the keyspace. */
  readonly others: readonly RunFacts[];
}

export interface StartStep {
  readonly node: string;
  readonly action: "execute" | "leave";
  readonly reason: string;
  /** Absent: chosen when the source is known. */
  readonly batches?: number;
  /** What it will not get, as far as that is known now: missing files, tables that no run has. */
  readonly problems: readonly string[];
}

/** What starting a run would do with every node of the script, and why; as things are now. */
export function planStart(facts: StartFacts): readonly StartStep[] {
  const { script, startNodes } = facts;
  const affected = affectedNodes(script, startNodes);
  return script.nodes.map((node) =>
    affected.includes(node.name) ? executed(facts, affected, node) : left(node, startNodes),
  );
}

function executed(facts: StartFacts, affected: readonly string[], node: ScriptNode): StartStep {
  const sources = sourceNodes(facts.script, node);
  const inside = sources.filter((source) => affected.includes(source));
  const outside = inside.length < sources.length ? tablesOf(facts, affected, node) : [];
  const isStart = facts.startNodes.includes(node.name);
  const reads = outside.filter(({ isGo }) => isGo).map(({ text }) => text);
  const lacks = outside.filter(({ isGo }) => !isGo).map(({ text }) => text);
  const batches = batchesOf(node, facts);
  return {
    node: node.name,
    action: "execute",
    reason: [isStart ? "start node" : `reads ${inside.map(quoted).join(" and ")}`, ...reads].join(
      "; ",
    ),
    ...(batches === undefined ? {} : { batches }),
    problems: [...missingFiles(node, facts.inputs), ...lacks],
  };
}

const quoted = (text: string): string => `"${text}"`;

const left = (node: ScriptNode, startNodes: readonly string[]): StartStep => ({
  node: node.name,
  action: "leave",
  reason:
    node.startPolicy === "manual"
      ? "start policy manual: runs when it is named with --start"
      : `not reached from ${startNodes.map(quoted).join(", ")}`,
  problems: [],
});

function batchesOf(node: ScriptNode, { constants, inputs }: StartFacts): number | undefined {
  if (node.kind !== "file_table")
    return node.reader.batches ?? (node.kind === "table_file" ? 1 : undefined);
  const isLarge = inputs.some((file) => file.node === node.name && file.size > constants.rangeSize);
  return isLarge ? undefined : node.reader.urls.length;
}

const missingFiles = (node: ScriptNode, inputs: readonly FrozenInput[]): readonly string[] =>
  inputs.flatMap((file) =>
    file.node === node.name && file.missing !== undefined ? [file.missing.message] : [],
  );

interface OutsideTable {
  readonly isGo: boolean;
  readonly text: string;
}

/** What the dependency policy says now about tables of other runs, those of this run taken as made. */
function tablesOf(
  { script, run, startedAt, others, constants, startNodes }: StartFacts,
  affected: readonly string[],
  node: ScriptNode,
): readonly OutsideTable[] {
  const current = {
    run: hypothetical({ run, startedAt, affected, constants, startNodes }),
    nodes: affected.map((name): NodeRecord => ({
      incarnation: "",
      run,
      node: name,
      version: 1,
      state: "success",
    })),
  };
  const decision = decideSources(nodeNamed(script, node.name), { script, current, others });
  if (decision.kind === "wait") return [{ isGo: false, text: decision.reason }];
  if (decision.kind !== "go") return [{ isGo: false, text: decision.cause.message }];
  return decision.sources
    .filter((source) => source.run !== run)
    .map((source) => ({ isGo: true, text: `reads "${source.node}" of run ${source.run}` }));
}

const hypothetical = (
  known: Pick<RunRecord, "run" | "startedAt" | "affected" | "constants" | "startNodes">,
): RunRecord => ({
  ...known,
  incarnation: "",
  keyspace: "",
  version: 1,
  state: "running",
  epoch: 1,
  executors: [],
  documents: { script: "", scriptText: "", parameters: "", inputs: "" },
  scriptUrl: "",
  parametersUrl: "",
  description: "",
  startedBy: "",
  outputs: [],
  comment: "",
});
