import { randomBytes, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { affectedNodes, type RunConstants, type RunRecord } from "#pkg/workflow";
import type { ControlStore, TableStore } from "#pkg/store";
import type { Script } from "#pkg/script";
import { everything } from "#pkg/security";
import { openFiles, type Files } from "#pkg/transfer";

/** The embedded adapters in a folder of their own, and what a run needs to begin. */
export interface Installation extends AsyncDisposable {
  readonly folder: string;
  readonly store: ControlStore;
  readonly tables: TableStore;
  readonly files: Files;
  /** Makes a run of the script visible in a keyspace, as a start would. */
  start(script: Script, options: StartOptions): Promise<RunRecord>;
  /** Files of the keyspace's output folder with their content, temporary ones included. */
  outputs(keyspace: string): Promise<Readonly<Record<string, string>>>;
  /** What must be the same however the run came to its end. */
  finalState(run: RunRecord): Promise<unknown>;
  /** Path of a file in the keyspace's output folder. */
  outputPath(keyspace: string, name: string): string;
}

export interface StartOptions {
  readonly keyspace: string;
  readonly startNodes?: readonly string[];
  readonly onlyNodes?: readonly string[];
  readonly executors?: readonly string[];
  readonly constants?: Partial<RunConstants>;
  /** Frozen sizes of the inputs of every file_table node, in URL order. */
  readonly sizes?: readonly number[];
}

const CONSTANTS: RunConstants = {
  chunkRows: 1000,
  chunkBytes: 90_000,
  rangeSize: 64_000_000,
  broadcastLimit: 32_000_000,
  partitions: 2,
};

/** Files in memory where there are such: thousands of small runs need no disk to be durable on. */
const MEMORY = "/dev/shm";

export async function openInstallation(): Promise<Installation> {
  const folder = await mkdtemp(
    join(existsSync(MEMORY) ? MEMORY : tmpdir(), "capillaries-control-"),
  );
  const store = await openEmbeddedControl({ folder: join(folder, "data") });
  const tables = await openEmbeddedTables({ folder: join(folder, "data") });
  const out = join(folder, "out");
  return {
    folder,
    store,
    tables,
    files: openFiles(everything),
    start: (script, options) =>
      start(store, withFolder(script, join(out, options.keyspace)), options),
    outputs: (keyspace) => contents(join(out, keyspace)),
    outputPath: (keyspace, name) => join(out, keyspace, name),
    finalState: (run) => finalState(store, run, contents(join(out, run.keyspace))),
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function contents(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const files: Record<string, string> = {};
  for (const name of names.sort()) files[name] = await readFile(join(folder, name), "utf8");
  return files;
}

async function finalState(
  store: ControlStore,
  { incarnation, run }: RunRecord,
  outputs: Promise<unknown>,
): Promise<unknown> {
  const record = await store.run(incarnation, run);
  const nodes = await store.nodes(incarnation, run);
  const tables = [];
  for (const { manifest } of nodes) {
    if (manifest === undefined) continue;
    const made = await store.manifest(incarnation, manifest);
    const batches = made.batches.map(({ batch, rows, valueHash }) => ({ batch, rows, valueHash }));
    tables.push({ rows: made.rows, batches, selections: made.selections.map(({ unit }) => unit) });
  }
  return {
    outcome: record?.outcome,
    states: nodes.map(({ node, state }) => [node, state]),
    tables,
    outputs: await outputs,
  };
}

const withFolder = (script: Script, folder: string): Script => ({
  ...script,
  nodes: script.nodes.map((node) =>
    node.kind === "table_file"
      ? {
          ...node,
          writer: {
            ...node.writer,
            urlTemplate: node.writer.urlTemplate.replace(/^\/out/, folder),
          },
        }
      : node,
  ),
});

async function start(
  store: ControlStore,
  script: Script,
  options: StartOptions,
): Promise<RunRecord> {
  const { keyspace, startNodes = [script.nodes[0]?.name ?? ""], sizes = [10] } = options;
  const { incarnation } = await store.openKeyspace(keyspace, randomUUID());
  const inputs = script.nodes.flatMap((node) =>
    node.kind === "file_table"
      ? node.reader.urls.map((url, at) => ({
          node: node.name,
          url,
          size: sizes[at] ?? 10,
          version: "1",
        }))
      : [],
  );
  const text = await store.putDocument(JSON.stringify(script));
  const record: RunRecord = {
    incarnation,
    keyspace,
    run: ((await store.runs(incarnation)).at(-1)?.run ?? 0) + 1,
    version: 1,
    state: "running",
    epoch: 1,
    startNodes,
    affected: affectedNodes(script, startNodes),
    ...(options.onlyNodes ? { onlyNodes: options.onlyNodes } : {}),
    executors: options.executors ?? [],
    documents: {
      script: text,
      scriptText: text,
      parameters: await store.putDocument("{}"),
      inputs: await store.putDocument(JSON.stringify(inputs)),
    },
    scriptUrl: "/scripts/orders.json",
    parametersUrl: "",
    description: "",
    startedBy: "test",
    constants: { ...CONSTANTS, ...options.constants },
    outputs: [],
    startedAt: 1000,
    comment: "",
  };
  if (!(await store.insertRun(record))) throw new Error("the run was not inserted");
  return record;
}

export const newToken = (): string => randomBytes(16).toString("hex");
