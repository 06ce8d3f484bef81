import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RunRecord } from "#pkg/workflow";
import { documentHash } from "../content-hash.ts";
import type { ControlStore } from "../control.ts";
import type { TableStore } from "../tables.ts";
import { openEmbeddedControl } from "./embedded-control.ts";
import { openEmbeddedTables } from "./embedded-tables.ts";
import type { Contest } from "./test-support/contender.ts";
import type { Cycles } from "./test-support/cycler.ts";

const cycler = fileURLToPath(new URL("test-support/cycler.ts", import.meta.url));
const contender = fileURLToPath(new URL("test-support/contender.ts", import.meta.url));
const execArgv = ["--import", "tsx", "--conditions=source"];
/** A thread does not inherit the reading of TypeScript. */
const BOOTSTRAP = `
  import("tsx/esm/api").then(({ register }) => {
    register();
    return import(${JSON.stringify(new URL("test-support/contender.ts", import.meta.url).href)});
  });
`;
const phase = { incarnation: "i1", run: 1, node: "read", phase: "rows" } as const;
const chunk = { kind: "chunk", name: "", part: -1, seq: 0 } as const;

let folder: string;
let control: ControlStore;
let tables: TableStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "capillaries-several-"));
  control = await openEmbeddedControl({ folder });
  tables = await openEmbeddedTables({ folder });
  await control.openKeyspace("k", "i1");
});
afterEach(async () => {
  await tables[Symbol.asyncDispose]();
  await control[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

interface Process {
  readonly child: ChildProcess;
  readonly won: number[];
  /** The first message: everything is open. */
  readonly ready: Promise<unknown>;
  readonly ended: Promise<unknown>;
}

function startProcess(contest: Contest): Process {
  const child = spawn(process.execPath, [...execArgv, contender, JSON.stringify(contest)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const won: number[] = [];
  const ready = once(child, "message");
  child.on("message", (unit) => {
    if (typeof unit === "number") won.push(unit);
  });
  return { child, won, ready, ended: once(child, "close") };
}

/** Lets processes that have all started begin at once. */
async function begin(processes: readonly Process[]): Promise<void> {
  await Promise.all(processes.map(({ ready }) => ready));
  for (const { child } of processes) child.send("go");
}

async function expectEveryUnitWhole(units: number): Promise<void> {
  const found = await control.units(phase);
  expect(found).toHaveLength(units);
  for (const { unit, record } of found) {
    expect(record.state).toBe("success");
    const data = await tables.read({ ...phase, unit, token: record.token }, chunk);
    expect(data.every((byte) => byte === unit % 251) && data.length).toBe(20_000);
  }
  expect(await control.progress(phase)).toEqual({ succeeded: units, failed: 0, rejected: 0 });
}

test(
  "processes that race for units share them out, each to exactly one",
  { timeout: 60_000 },
  async () => {
    const units = 200;
    const processes = ["p1", "p2", "p3"].map((name) => startProcess({ folder, name, units }));
    await begin(processes);
    await Promise.all(processes.map(({ ended }) => ended));
    const won = processes.flatMap(({ won }) => won).sort((a, b) => a - b);
    expect(won).toEqual(Array.from({ length: units }, (_, unit) => unit));
    await expectEveryUnitWhole(units);
  },
);

test(
  "a process killed in the middle loses no acknowledged unit and stops nobody",
  { timeout: 60_000 },
  async () => {
    const units = 600;
    const [victim, survivor] = ["victim", "survivor"].map((name) =>
      startProcess({ folder, name, units }),
    ) as [Process, Process];
    victim.child.on("message", () => {
      if (victim.won.length === 20) victim.child.kill("SIGKILL");
    });
    await begin([victim, survivor]);
    await Promise.all([victim.ended, survivor.ended]);
    expect(victim.child.signalCode).toBe("SIGKILL");
    expect(survivor.child.exitCode).toBe(0);
    const records = new Map((await control.units(phase)).map(({ unit, record }) => [unit, record]));
    for (const { won } of [victim, survivor]) {
      for (const unit of won) expect(records.get(unit)?.state).toBe("success");
    }
    const left = [...records].filter(([, { state }]) => state === "running");
    expect(left.every(([, { session }]) => session === "victim")).toBe(true);
    expect(left.length).toBeLessThanOrEqual(4);
    await finish(left.map(([unit, { token }]) => ({ unit, token })));
    await expectEveryUnitWhole(units);
  },
);

test(
  "P3: nothing that was acknowledged is lost while other processes open and close the stores",
  { timeout: 60_000 },
  async () => {
    const cycles = 200;
    const names = ["c1", "c2", "c3"];
    const ended = await Promise.all(
      names.map(async (name) => {
        const argument: Cycles = { folder, name, cycles };
        const child = spawn(process.execPath, [...execArgv, cycler, JSON.stringify(argument)], {
          stdio: ["ignore", "inherit", "inherit"],
        });
        return (await once(child, "close")) as [number];
      }),
    );
    expect(ended.map(([code]) => code)).toEqual([0, 0, 0]);
    for (const name of names) {
      for (let cycle = 0; cycle < cycles; cycle++) {
        const token = `${name}-${cycle}`;
        const data = await tables.read({ ...phase, unit: 0, token }, chunk);
        expect(data).toHaveLength(3000);
        expect(await control.document(documentHash(token))).toBe(token);
      }
    }
  },
);

/** What a survivor does with the units of a dead process. */
async function finish(left: readonly { unit: number; token: string }[]): Promise<void> {
  const cause = { code: "INTERNAL", message: "", hint: "", retryable: true, facts: {} } as const;
  for (const { unit, token: dead } of left) {
    const key = { ...phase, unit };
    const token = `again-${unit}`;
    const takeover = { token: dead, cause };
    const claim = { key, token, session: "s", epoch: 1, at: 0, takeover };
    expect((await control.claimUnit(claim)).granted).toBe(true);
    const data = new Uint8Array(20_000).fill(unit % 251);
    await tables.write({ ...key, token }, [{ piece: chunk, data }]);
    const counts = { read: 1, written: 1, filtered: 0, rejected: 0, duplicates: 0 };
    const outcome = { counts, chunks: [1], bytes: data.length, valueHash: "" };
    await control.commitUnit({ key, token, epoch: 1, at: 0, result: { outcome } });
  }
}

test(
  "threads that open the folder of their process share units out too",
  { timeout: 60_000 },
  async () => {
    const units = 100;
    const won: number[] = [];
    const threads = ["t1", "t2", "t3"].map((name) => {
      const workerData: Contest = { folder, name, units };
      const thread = new Worker(BOOTSTRAP, {
        eval: true,
        workerData,
        execArgv: ["--conditions=source"],
      });
      thread.on("message", (unit: number) => won.push(unit));
      return once(thread, "exit");
    });
    await Promise.all(threads);
    expect(won.sort((a, b) => a - b)).toEqual(Array.from({ length: units }, (_, unit) => unit));
    await expectEveryUnitWhole(units);
  },
);

test("a reader in the same process sees what a writer commits, and cannot write", async () => {
  await using reader = await openEmbeddedControl({ folder, readOnly: true });
  await control.insertRun(aRun());
  expect(await reader.run("i1", 1)).toEqual(aRun());
  await expect(reader.putDocument("x")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(reader.insertRun(aRun())).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});

test(
  "a drop while another process works ends its attempts with a refusal, not with a crash",
  { timeout: 60_000 },
  async () => {
    const other = startProcess({ folder, name: "other", units: 100_000 });
    await once(other.child, "message");
    await control.beginDrop("k", "i1");
    await tables.drop("i1");
    await control.endDrop("k", "i1");
    other.child.kill("SIGTERM");
    await other.ended;
    expect(["SIGTERM", null]).toContain(other.child.signalCode);
    expect([null, 1]).toContain(other.child.exitCode);
    expect(await control.units(phase)).toEqual([]);
  },
);

function aRun(): RunRecord {
  return {
    incarnation: "i1",
    keyspace: "k",
    run: 1,
    version: 1,
    state: "running",
    epoch: 1,
    startNodes: [],
    affected: [],
    executors: [],
    documents: { script: "", scriptText: "", parameters: "", inputs: "" },
    scriptUrl: "",
    parametersUrl: "",
    description: "",
    startedBy: "",
    constants: { chunkRows: 1, chunkBytes: 1, rangeSize: 1, broadcastLimit: 1, partitions: 0 },
    outputs: [],
    startedAt: 1,
    comment: "",
  };
}
