import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createControl, type Control } from "#pkg/control";
import { silentLog } from "#pkg/log";
import { reportRun, startRun, type OperatorPorts, type RunReport } from "#pkg/operator";
import { pythonSettings } from "#pkg/processor";
import { everything } from "#pkg/security";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { openFiles } from "#pkg/transfer";
import { openPool, workOnRun, type WorkDeps, type WorkEnd, type WorkWatch } from "#pkg/worker";
import type { RunRecord } from "#pkg/workflow";
import {
  STOCK,
  tinyPipeline,
  type Tiny,
  type TinyOptions,
} from "../../test/support/tiny-pipeline.ts";

const SLOW = 60_000;

/** Rows enough to be seen at work. */
const LONG = `sku,qty,price\n${Array.from({ length: 200_000 }, (_, at) => `A-${at},${at % 9},1.50\n`).join("")}`;

let folder: string;
let ports: OperatorPorts;
let close: () => Promise<void>;

/** Threads of this process, as they are made. */
const made: Worker[] = [];
const remember = (worker: Worker): void => void made.push(worker);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "capillaries-worker-"));
  const data = join(folder, "data");
  mkdirSync(data);
  const store = await openEmbeddedControl({ folder: data });
  const tables = await openEmbeddedTables({ folder: data });
  ports = { store, tables, files: openFiles(everything), now: Date.now, newId: randomUUID };
  close = async () => {
    await tables[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
  made.length = 0;
  process.on("worker", remember);
});

afterEach(async () => {
  process.off("worker", remember);
  await close();
  rmSync(folder, { recursive: true });
});

interface Work {
  readonly tiny: Tiny;
  readonly end: WorkEnd;
  readonly report: RunReport;
}

async function begin(script: string): Promise<RunRecord> {
  const { record } = await startRun(ports, {
    keyspace: "tiny",
    scriptUrl: script,
    parametersUrl: "",
    overrides: {},
    constants: {
      chunkRows: 10_000,
      chunkBytes: 1 << 20,
      rangeSize: 64 << 20,
      broadcastLimit: 1 << 20,
      partitions: 0,
    },
    executors: [],
    description: "",
    startedBy: "test",
    absolute: (url) => url,
  });
  return record;
}

async function work(
  options: TinyOptions,
  tick: WorkWatch["tick"] = () => undefined,
  signal = new AbortController().signal,
  through = (control: Control): Control => control,
): Promise<Work> {
  const tiny = tinyPipeline(folder, options);
  const session = randomUUID();
  const control = createControl({
    ...ports,
    session,
    monotonic: () => performance.now(),
    newToken: () => randomUUID().replaceAll("-", ""),
    isSessionDead: (other) => Promise.resolve(other !== session),
    holdsLease: () => true,
    log: silentLog,
  });
  await using threads = openPool({
    store: { kind: "embedded", folder: join(folder, "data") },
    threads: 2,
    memory: 2 ** 27,
    policy: everything,
    processors: () => ({ python: pythonSettings({}, process.env) }),
  });
  const deps: WorkDeps = {
    store: ports.store,
    control: through(control),
    threads,
    log: silentLog,
    monotonic: () => performance.now(),
    threadsFor: () => 2,
  };
  const record = await begin(tiny.script);
  const end = await workOnRun(deps, record, { tick }, signal);
  const latest = (await ports.store.run(record.incarnation, record.run)) ?? record;
  return { tiny, end, report: await reportRun(ports.store, latest, Date.now()) };
}

/** A claim that finds nothing answers when all units that were at work have ended, and knows nothing of what they brought. */
function knowingNothingNew(control: Control): Control {
  let atWork = 0;
  let wake: (() => void) | undefined;
  return {
    ...control,
    async claimNext(runs, most) {
      const claims = await control.claimNext(runs, most);
      atWork += claims.length;
      if (claims.length === 0 && atWork > 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return claims;
    },
    async commit(claim, outcome) {
      const end = await control.commit(claim, outcome);
      atWork -= 1;
      if (atWork === 0 && wake !== undefined) setImmediate(wake);
      return end;
    },
  };
}

test(
  "engine threads bring a run to its end, file by file",
  async () => {
    const { end, report, tiny } = await work({ files: 3 });
    expect(end).toBe("final");
    expect(report.outcome).toBe("succeeded");
    expect(report.nodes.map(({ rows }) => [rows.read, rows.written])).toEqual([
      [9, 9],
      [9, 9],
    ]);
    expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toMatch(
      /^sku,double,price\nA-1,6,1.50\n/,
    );
  },
  SLOW,
);

test(
  "what a unit brings while the next claim is looked for is not waited for by the clock",
  async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const { end, report } = await work({ files: 3 }, undefined, undefined, knowingNothingNew);
      expect(end).toBe("final");
      expect(report.outcome).toBe("succeeded");
    } finally {
      vi.useRealTimers();
    }
  },
  SLOW,
);

test(
  "a unit that fails is told to the run, with its cause",
  async () => {
    const { end, report } = await work({ double: "10 / (r.col_qty - 3)" });
    expect(end).toBe("final");
    expect(report.outcome).toBe("failed");
    expect(report.nodes[0]).toMatchObject({ state: "fail", cause: { code: "EXPRESSION_ROW" } });
  },
  SLOW,
);

test(
  "a thread that dies with a batch in hand costs one attempt; a new thread does the batch",
  async () => {
    let killed = 0;
    const { end, report } = await work({ csv: LONG }, async (active) => {
      const isTaken = made.length > 0 && active.some(({ node }) => node === "read_stock");
      if (!isTaken || killed > 0) return;
      killed = made.length;
      await Promise.all(made.map((thread) => thread.terminate()));
    });
    expect(killed).toBeGreaterThan(0);
    expect(end).toBe("final");
    expect(report.outcome).toBe("succeeded");
    expect(made.length).toBeGreaterThan(killed);
    const batch = report.nodes[0]?.batches.find(({ causes }) => causes.length > 0);
    expect(batch).toMatchObject({
      state: "success",
      attempts: 2,
      causes: [{ code: "THREAD_DIED" }],
    });
    expect(report.nodes[0]?.rows.written).toBe(200_000);
  },
  SLOW,
);

test(
  "an interrupt hands units back and leaves the run unfinished",
  async () => {
    const interrupt = new AbortController();
    const stop = (active: readonly unknown[]): void => {
      if (active.length > 0) interrupt.abort();
    };
    const { end, report } = await work({ csv: LONG }, stop, interrupt.signal);
    expect(end).toBe("interrupted");
    expect(report.outcome).toBe("unfinished");
    expect(report.nodes[0]?.batches.every(({ state }) => state !== "running")).toBe(true);
  },
  SLOW,
);

test(
  "work that has been interrupted before it begins starts nothing",
  async () => {
    const { end, report } = await work({ csv: STOCK }, undefined, AbortSignal.abort());
    expect(end).toBe("interrupted");
    expect(
      report.nodes.flatMap(({ batches }) => batches).some(({ attempts }) => attempts > 0),
    ).toBe(false);
  },
  SLOW,
);

test(
  "a node that is started by hand is not waited for",
  async () => {
    const { end, report } = await work({ manualWriter: true });
    expect([end, report.outcome]).toEqual(["final", "succeeded"]);
  },
  SLOW,
);

test(
  "a control store that fails ends the work with its fault",
  async () => {
    const { store } = ports;
    const failing = {
      ...ports,
      store: new Proxy(store, {
        get: (target, name) =>
          name === "commitUnit"
            ? () => Promise.reject(new Error("the store is gone"))
            : (Reflect.get(target, name, target) as unknown),
      }),
    };
    ports = failing;
    await expect(work({})).rejects.toThrow("the store is gone");
  },
  SLOW,
);
