import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createControl, type Control } from "#pkg/control";
import { runUnit } from "#pkg/engine";
import { listRejected, reportRun, startRun } from "#pkg/operator";
import { openProcessors, pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import type { ControlStore, TableStore } from "#pkg/store";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { openFiles, type Files } from "#pkg/transfer";
import type { RunConstants, RunRecord } from "#pkg/workflow";
import { failing, FailurePlan } from "../../../pkg/control/test-support/fail-at.ts";
import { newToken } from "../../../pkg/control/test-support/installation.ts";
import { CONSTANTS } from "../../../pkg/engine/test-support/run-constants.ts";
import { scriptOf, type Result } from "./pipeline.ts";
import type { Pipeline, Rejected } from "./tables.ts";

export interface Setting {
  readonly constants?: Partial<RunConstants>;
  readonly memory?: number;
  /** Units that are executed at once. */
  readonly threads?: number;
  /** One run for every node, as `exec_node` does it. */
  readonly isEachAlone?: boolean;
  /** The process dies at this call of a port, before or after it acted, and another one goes on. */
  readonly death?: { readonly at: number; readonly mode: "before" | "after" };
}

interface Ports {
  readonly store: ControlStore;
  readonly tables: TableStore;
  readonly files: Files;
}

const NOW = 1000;

const operator = (ports: Ports) => ({ ...ports, now: () => NOW, newId: randomUUID });

const processors = openProcessors({ python: pythonSettings({}, process.env) });

/** What came of a pipeline, and how many calls of ports that took. */
export interface Found extends Result {
  readonly calls: number;
}

/** A store in a folder in which whole pipelines run, one after the other. */
export interface RandomWorld extends AsyncDisposable {
  run(pipeline: Pipeline, setting: Setting): Promise<Found>;
}

export async function openRandomWorld(folder: string): Promise<RandomWorld> {
  const store = await openEmbeddedControl({ folder: join(folder, "data") });
  const tables = await openEmbeddedTables({ folder: join(folder, "data") });
  const whole = { store, tables, files: openFiles(everything) };
  let count = 0;
  return {
    async run(pipeline, setting) {
      count += 1;
      const keyspace = `k${count}`;
      const place = join(folder, keyspace);
      const script = stage(pipeline, place);
      const { at, mode } = setting.death ?? { at: Number.MAX_SAFE_INTEGER, mode: "before" };
      const plan = new FailurePlan(at, mode);
      const ports = {
        store: failing(store, plan),
        tables: failing(tables, plan),
        files: failing(whole.files, plan),
      };
      const nodes: Record<string, string> = {};
      const rejected: Record<string, Rejected[]> = {};
      for (const [runBefore, only] of runsOf(pipeline, setting).entries()) {
        const life = { keyspace, script, only, setting, run: runBefore + 1 };
        const record = await liveOn(ports, plan, life);
        await addResult({ nodes, rejected }, whole, { record, only });
      }
      const files = filesIn(join(place, "out"));
      await controlOn(whole, randomUUID()).drop(keyspace);
      return { nodes, rejected, files, calls: plan.calls };
    },
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** Writes script and inputs; the path of the script. */
function stage(pipeline: Pipeline, place: string): string {
  const input = join(place, "in");
  mkdirSync(input, { recursive: true });
  for (const { name, text } of pipeline.inputs) writeFileSync(join(input, name), text);
  const script = join(place, "script.json");
  writeFileSync(script, scriptOf(pipeline, { input, output: join(place, "out") }));
  return script;
}

function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** Nodes of each run; undefined: all there are. */
const runsOf = (
  { nodes }: Pipeline,
  { isEachAlone = false }: Setting,
): readonly (readonly string[] | undefined)[] =>
  isEachAlone ? nodes.map(({ name }) => [name]) : [undefined];

interface Life {
  readonly keyspace: string;
  readonly script: string;
  readonly only: readonly string[] | undefined;
  readonly setting: Setting;
  readonly run: number;
}

async function liveOn(ports: Ports, plan: FailurePlan, life: Life): Promise<RunRecord> {
  for (;;) {
    try {
      return await oneLife(ports, life);
    } catch (error) {
      if (!plan.isDead) throw error;
      plan.isDead = false;
    }
  }
}

async function oneLife(ports: Ports, life: Life): Promise<RunRecord> {
  const control = controlOn(ports, randomUUID());
  const known = await ports.store.keyspace(life.keyspace);
  const runs = known === undefined ? [] : await ports.store.runs(known.incarnation);
  const record = runs.find(({ run }) => run === life.run) ?? (await begin(ports, life));
  const { threads = 1 } = life.setting;
  const ended = await Promise.allSettled(
    Array.from({ length: threads }, () => work(ports, { control, record, setting: life.setting })),
  );
  for (const each of ended) if (each.status === "rejected") throw each.reason;
  return (await ports.store.run(record.incarnation, record.run)) as RunRecord;
}

function controlOn(ports: Ports, session: string): Control {
  let clock = 0;
  return createControl({
    ...ports,
    session,
    now: () => NOW,
    monotonic: () => (clock += 1000),
    newToken,
    isSessionDead: (other) => other !== session,
    pause: () => Promise.resolve(),
  });
}

async function begin(ports: Ports, { keyspace, script, only, setting }: Life): Promise<RunRecord> {
  const { record } = await startRun(operator(ports), {
    keyspace,
    scriptUrl: script,
    parametersUrl: "",
    overrides: {},
    ...(only === undefined ? {} : { startNodes: only, onlyNodes: only }),
    constants: { ...CONSTANTS, ...setting.constants },
    executors: [],
    description: "",
    startedBy: "test",
    absolute: (url) => url,
  });
  return record;
}

interface Work {
  readonly control: Control;
  readonly record: RunRecord;
  readonly setting: Setting;
}

const MOST_IDLE = 20_000;

async function work(
  ports: Ports,
  { control, record: { incarnation, run }, setting }: Work,
): Promise<void> {
  for (let idle = 0; idle < MOST_IDLE; idle += 1) {
    await control.advance(incarnation, run);
    const record = (await ports.store.run(incarnation, run)) as RunRecord;
    if (record.state !== "running") return;
    const [claim] = await control.claimNext([record]);
    if (claim === undefined) {
      await new Promise(setImmediate);
      continue;
    }
    idle = 0;
    try {
      const outcome = await runUnit(claim.task, {
        control: ports.store,
        tables: ports.tables,
        files: ports.files,
        processors,
        memory: setting.memory ?? 2 ** 26,
        signal: new AbortController().signal,
        progress: () => undefined,
      });
      await control.commit(claim, outcome);
    } catch (error) {
      await control.fail(claim, error);
    }
  }
  throw new Error(`the run does not end: ${await control.waitingReason(incarnation, run)}`);
}

/** Adds the nodes of a run, and what those set aside that succeeded. */
async function addResult(
  found: { readonly nodes: Record<string, string>; readonly rejected: Record<string, Rejected[]> },
  ports: Ports,
  { record, only }: { readonly record: RunRecord; readonly only: Life["only"] },
): Promise<void> {
  const { nodes } = await reportRun(ports.store, record, NOW);
  for (const { node, state } of nodes)
    if (only === undefined || only.includes(node)) found.nodes[node] = state;
  const listing = await listRejected(operator(ports), {
    keyspace: record.keyspace,
    run: record.run,
  });
  for await (const rows of listing.rows())
    for (const { node, file, line, column } of rows)
      if (found.nodes[node] === "success")
        (found.rejected[node] ??= []).push([basename(file), line, column]);
}
