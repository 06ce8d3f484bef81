import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createControl, type Control } from "#pkg/control";
import { runUnit } from "#pkg/engine";
import { Fault } from "#pkg/fault";
import { prepareRetry, startRetry, startRun } from "#pkg/operator";
import { openProcessors, pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import type { ControlStore, TableStore } from "#pkg/store";
import { openFiles, type Files, type TemporaryFile } from "#pkg/transfer";
import type { RunConstants, RunRecord } from "#pkg/workflow";
import { failing, type FailurePlan } from "../../pkg/control/test-support/fail-at.ts";
import { crashScript, CRASH_INPUTS } from "./crash-script.ts";

/** Small chunks and partitions, so that a few rows go through every phase. */
const CONSTANTS: RunConstants = {
  chunkRows: 3,
  chunkBytes: 100_000,
  rangeSize: 60,
  broadcastLimit: 0,
  partitions: 2,
};

export interface CrashWorld extends AsyncDisposable {
  /**
   * One life of a process: starts the keyspace's run when there is none, else goes on with it, until it is final. Calls of all
   * ports go through the plan.
   */
  live(keyspace: string, plan: FailurePlan): Promise<RunRecord>;
  /** Starts the keyspace's run and works on it until it is final; these units (`node phase number`) end with a data error. */
  fail(keyspace: string, bad: ReadonlySet<string>): Promise<RunRecord>;
  /** As `live`, for a retry of the keyspace's first run. */
  retry(keyspace: string, plan: FailurePlan): Promise<RunRecord>;
  /** Files of the keyspace by name, temporary ones included. */
  outputs(keyspace: string): Record<string, string>;
  /** Data that nobody looks at any more would fill memory; its files stay. */
  drop(keyspace: string): Promise<boolean>;
}

export async function openCrashWorld(folder: string): Promise<CrashWorld> {
  const input = join(folder, "in");
  mkdirSync(input);
  for (const [name, text] of Object.entries(CRASH_INPUTS)) writeFileSync(join(input, name), text);
  const store = await openEmbeddedControl({ folder: join(folder, "data") });
  const tables = await openEmbeddedTables({ folder: join(folder, "data") });
  const lifeUnder = async (plan: FailurePlan, life: Life): Promise<RunRecord> => {
    const begun: TemporaryFile[] = [];
    const ports = {
      store: failing(store, plan),
      tables: failing(tables, plan),
      files: failingFiles(plan, begun),
    };
    try {
      return await oneLife(ports, life);
    } finally {
      // What the end of a process closes, it closes; most are closed already.
      await Promise.allSettled(begun.map((file) => file.finish()));
    }
  };
  const start = (ports: Ports, keyspace: string): Promise<RunRecord> => {
    const script = join(folder, `${keyspace}.json`);
    writeFileSync(script, JSON.stringify(crashScript(input, join(folder, keyspace))));
    return begin(ports, keyspace, script);
  };
  return {
    live: (keyspace, plan) =>
      lifeUnder(plan, { keyspace, run: 1, begin: (ports) => start(ports, keyspace) }),
    fail(keyspace, bad) {
      const ports = { store, tables, files: openFiles(everything) };
      return oneLife(ports, { keyspace, run: 1, begin: () => start(ports, keyspace), bad });
    },
    retry: (keyspace, plan) =>
      lifeUnder(plan, { keyspace, run: 2, begin: (ports) => beginRetry(ports, keyspace) }),
    outputs(keyspace) {
      const out = join(folder, keyspace);
      const names = existsSync(out) ? readdirSync(out) : [];
      return Object.fromEntries(
        names.toSorted().map((name) => [name, readFileSync(join(out, name), "utf8")]),
      );
    },
    drop: (keyspace) =>
      controlOn({ store, tables, files: openFiles(everything) }, randomUUID()).drop(keyspace),
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The temporary files it hands out fail too; they are kept in `begun`. */
function failingFiles(plan: FailurePlan, begun: TemporaryFile[]): Files {
  const files = openFiles(everything);
  return failing(
    {
      ...files,
      async createTemporary(url: string, token: string) {
        const file = await files.createTemporary(url, token);
        begun.push(file);
        return failing(file, plan);
      },
    },
    plan,
  );
}

interface Ports {
  readonly store: ControlStore;
  readonly tables: TableStore;
  readonly files: Files;
}

interface Life {
  readonly keyspace: string;
  /** Number of the run that the process works on; `begin` makes it when it is not there yet. */
  readonly run: number;
  readonly begin: (ports: Ports) => Promise<RunRecord>;
  readonly bad?: ReadonlySet<string>;
}

async function oneLife(
  ports: Ports,
  { keyspace, run, begin: beginRun, bad = new Set() }: Life,
): Promise<RunRecord> {
  const control = controlOn(ports, randomUUID());
  const known = await ports.store.keyspace(keyspace);
  const runs = known === undefined ? [] : await ports.store.runs(known.incarnation);
  const record = runs.find((each) => each.run === run) ?? (await beginRun(ports));
  return work(ports, control, record, bad);
}

function controlOn(ports: Ports, session: string): Control {
  let clock = 0;
  return createControl({
    ...ports,
    session,
    now: () => 1000,
    monotonic: () => (clock += 1000),
    newToken: () => randomBytes(16).toString("hex"),
    isSessionDead: (other) => other !== session,
    pause: () => Promise.resolve(),
  });
}

async function beginRetry(ports: Ports, keyspace: string): Promise<RunRecord> {
  const operator = { ...ports, now: () => 1000, newId: randomUUID };
  const prepared = await prepareRetry(operator, {
    keyspace,
    run: 1,
    size: { kind: "unfinished", failed: true, missing: true },
    changedFiles: false,
    absolute: (url) => url,
  });
  const starter = { executors: [], description: "", startedBy: "test" };
  const run = await startRetry(operator, prepared, starter);
  if (run === undefined) throw new Error("there was nothing to retry");
  return run;
}

async function begin(ports: Ports, keyspace: string, script: string): Promise<RunRecord> {
  const { record } = await startRun(
    { ...ports, now: () => 1000, newId: randomUUID },
    {
      keyspace,
      scriptUrl: script,
      parametersUrl: "",
      overrides: {},
      constants: CONSTANTS,
      executors: [],
      description: "",
      startedBy: "test",
      absolute: (url) => url,
    },
  );
  return record;
}

async function work(
  ports: Ports,
  control: Control,
  started: RunRecord,
  bad: ReadonlySet<string>,
): Promise<RunRecord> {
  const { incarnation, run } = started;
  for (;;) {
    await control.advance(incarnation, run);
    const record = (await ports.store.run(incarnation, run)) as RunRecord;
    if (record.state !== "running") return record;
    const [claim] = await control.claimNext([record]);
    if (claim === undefined) continue;
    const { node, phase, unit } = claim.key;
    if (bad.has(`${node} ${phase} ${unit}`)) {
      await control.fail(claim, new Fault("CELL_INVALID", "a bad cell"));
      continue;
    }
    try {
      const outcome = await runUnit(claim.task, {
        control: ports.store,
        tables: ports.tables,
        files: ports.files,
        processors: openProcessors({ python: pythonSettings({}, process.env) }),
        memory: 2 ** 24,
        signal: new AbortController().signal,
        progress: () => undefined,
      });
      await control.commit(claim, outcome);
    } catch (error) {
      await control.fail(claim, error);
    }
  }
}
