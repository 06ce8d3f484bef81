import { createHash } from "node:crypto";
import { toRecord } from "#pkg/fault";
import { sourcesOf, type Script, type ScriptNode } from "#pkg/script";
import type { RunSummary } from "#pkg/store";
import { readScript } from "#pkg/script/reading";
import {
  afterSplit,
  buildManifest,
  nodePlan,
  sourceSize,
  type FrozenInput,
  type Manifest,
  type NodePlan,
  type NodeRecord,
  type NumberedUnit,
  type PhaseName,
  type RunConstants,
  type RunRecord,
  type SourceVersion,
  type UnitOutcome,
  type UnitTask,
  type Verdict,
} from "#pkg/workflow";
import { openProcessors, pythonSettings } from "#pkg/processor";
import { runUnit, type EnginePorts } from "#pkg/engine";
import { putDecisions, type Decisions } from "./decisions.ts";
import { MemoryFiles } from "./memory-files.ts";
import { memoryTables } from "./memory-tables.ts";
import { CONSTANTS } from "./run-constants.ts";

export const POLICY = {
  standard: {
    is_default: true,
    event_priority_order: "run_is_current(desc),run_id(desc)",
    rules: [{ cmd: "go", expression: "nrs.node_status == wfmodel.NodeBatchSuccess" }],
  },
};

export interface RunOptions {
  readonly memory?: number;
  readonly constants?: Partial<RunConstants>;
  /** Order in which the units of a phase run. */
  readonly order?: (units: readonly number[]) => readonly number[];
  /** Changes the plan of a node. */
  readonly plan?: (node: ScriptNode, plan: NodePlan) => NodePlan;
  readonly stop?: AbortSignal;
  readonly corrections?: Decisions;
  /** What earlier runs of the script left. */
  readonly summaries?: readonly RunSummary[];
  /** The run as the control store knows it. */
  readonly record?: RunRecord;
}

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Runs whole scripts through runUnit with stores in memory, one unit after the other. */
export class ScriptRun {
  readonly files = new MemoryFiles();
  readonly tables = memoryTables();
  readonly manifests = new Map<string, Manifest>();
  readonly outcomes = new Map<string, UnitOutcome>();
  readonly progress: number[] = [];
  private readonly documents = new Map<string, string>();
  private readonly manifestIds = new Map<string, string>();
  private readonly units = new Map<string, NumberedUnit[]>();
  private readonly options: RunOptions;
  private tokens = 0;

  constructor(inputs: Readonly<Record<string, string>>, options: RunOptions = {}) {
    this.options = options;
    for (const [url, text] of Object.entries(inputs)) this.files.put(url, text);
  }

  /** All nodes, sources first. */
  async run(nodes: object): Promise<void> {
    const text = JSON.stringify({ nodes, dependency_policies: POLICY });
    const { script } = readScript({ file: "script.json", text });
    const done = new Set<string>();
    while (done.size < script.nodes.length) {
      const next = script.nodes.find(
        (node) => !done.has(node.name) && this.isReady(script, node, done),
      );
      if (next === undefined) throw new Error("the script has a cycle");
      await this.runNode(script, next);
      done.add(next.name);
    }
  }

  private isReady(script: Script, node: ScriptNode, done: ReadonlySet<string>): boolean {
    const { reader, lookup } = sourcesOf(script, node);
    return [reader, lookup].every((source) => source === undefined || done.has(source));
  }

  private async runNode(script: Script, node: ScriptNode): Promise<void> {
    const constants = { ...CONSTANTS, ...this.options.constants };
    const inputs = this.inputsOf(script);
    const { reader, lookup } = sourcesOf(script, node);
    const verdict: Verdict = {
      ...(reader === undefined ? {} : { reader: this.version(reader) }),
      ...(lookup === undefined ? {} : { lookup: this.version(lookup) }),
      evidence: [],
    };
    const size = (version: SourceVersion | undefined) =>
      version === undefined
        ? undefined
        : sourceSize(this.manifests.get(version.manifest) as Manifest);
    const facts = {
      reader: size(verdict.reader) ?? { rows: 0, bytes: 0, batches: 0 },
      lookup: size(verdict.lookup) ?? { rows: 0, bytes: 0, batches: 0 },
      inputs: inputs.filter((input) => input.node === node.name).map((input) => input.size),
    };
    const planned = nodePlan(node, facts, constants);
    let plan = this.options.plan?.(node, planned) ?? planned;
    const base = {
      incarnation: "inc",
      run: 1,
      node: node.name,
      script: this.document(JSON.stringify(script)),
      inputs: this.document(JSON.stringify(inputs)),
      ...(this.options.corrections
        ? { corrections: putDecisions(this.options.corrections, (text) => this.document(text)) }
        : {}),
      constants,
      verdict,
    };
    for (let at = 0; at < plan.phases.length; at += 1) {
      const { name, units } = plan.phases[at] as NodePlan["phases"][number];
      const outcomes = await this.runPhase({ ...base, plan }, name, units);
      if (name === "split") plan = afterSplit(plan, outcomes);
    }
    this.keep(node.name, plan);
  }

  private async runPhase(
    base: Omit<UnitTask, "phase" | "unit" | "token">,
    phase: PhaseName,
    count: number,
  ): Promise<readonly UnitOutcome[]> {
    const numbers = Array.from({ length: count }, (_, unit) => unit);
    const done: NumberedUnit[] = [];
    this.units.set(`${base.node}/${phase}`, done);
    for (const unit of this.options.order?.(numbers) ?? numbers) {
      const token = `t${this.tokens++}`;
      const outcome = await runUnit({ ...base, phase, unit, token }, this.ports());
      this.outcomes.set(`${base.node}/${phase}/${unit}`, outcome);
      done.push({
        unit,
        record: {
          state: "success",
          token,
          session: "s",
          epoch: 1,
          attempt: 1,
          faults: 0,
          losses: 0,
          causes: [],
          outcome: structuredClone(outcome),
          startedAt: 0,
        },
      });
    }
    done.sort((a, b) => a.unit - b.unit);
    return done.map(({ record }) => record.outcome as UnitOutcome);
  }

  private keep(node: string, plan: NodePlan): void {
    const record: NodeRecord = {
      incarnation: "inc",
      run: 1,
      node,
      version: 1,
      state: "running",
      plan,
    };
    const units: Partial<Record<PhaseName, readonly NumberedUnit[]>> = {};
    for (const { name } of plan.phases) units[name] = this.units.get(`${node}/${name}`) ?? [];
    const manifest = buildManifest(record, units);
    const id = hashOf(JSON.stringify(manifest));
    this.manifests.set(id, manifest);
    this.manifestIds.set(node, id);
  }

  /** The manifest of a node that has run. */
  manifest(node: string): Manifest {
    return this.manifests.get(this.manifestIds.get(node) ?? "") as Manifest;
  }

  /** Committed units of a phase of a node that has run, by number. */
  committed(
    node: string,
    phase: PhaseName,
  ): readonly { readonly unit: number; readonly token: string; readonly outcome: UnitOutcome }[] {
    return (this.units.get(`${node}/${phase}`) ?? []).flatMap(({ unit, record }) =>
      record.outcome === undefined ? [] : [{ unit, token: record.token, outcome: record.outcome }],
    );
  }

  private version(node: string): SourceVersion {
    return { run: 1, node, manifest: this.manifestIds.get(node) ?? "" };
  }

  private inputsOf(script: Script): readonly FrozenInput[] {
    return script.nodes.flatMap((node) => {
      if (node.kind !== "file_table") return [];
      return node.reader.urls.map((url) => this.frozen(node.name, url));
    });
  }

  private frozen(node: string, url: string): FrozenInput {
    try {
      return { node, url, ...this.files.facts(url) };
    } catch (error) {
      return { node, url, size: 0, version: "", missing: toRecord(error) };
    }
  }

  private document(text: string): string {
    const hash = hashOf(text);
    this.documents.set(hash, text);
    return hash;
  }

  private ports(): EnginePorts {
    return {
      control: {
        document: (hash) => Promise.resolve(this.documents.get(hash) ?? ""),
        manifest: (_, id) => Promise.resolve(this.manifests.get(id) as Manifest),
        run: () => Promise.resolve(this.options.record),
        summaries: () => Promise.resolve(this.options.summaries ?? []),
        units: ({ node, phase }) => Promise.resolve(this.units.get(`${node}/${phase}`) ?? []),
      },
      tables: this.tables,
      files: this.files.port,
      processors: openProcessors({ python: pythonSettings({}, process.env) }),
      memory: this.options.memory ?? 256 << 20,
      signal: this.options.stop ?? new AbortController().signal,
      progress: (rows) => this.progress.push(rows),
    };
  }
}
