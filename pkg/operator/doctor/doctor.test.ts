import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFolderLeftovers } from "#pkg/store/embedded";
import type { RunRecord } from "#pkg/workflow";
import { openInstallation, type Installation } from "../../control/test-support/installation.ts";
import { openProcess, type Process } from "../../control/test-support/processes.ts";
import { aFileTable, aScript, aTableFile } from "../../workflow/test-support/build.ts";
import { examine } from "./examine.ts";
import type { Finding } from "./finding.ts";
import type { DoctorPorts } from "./ports.ts";

let installation: Installation;
let worker: Process;
let run: RunRecord;
let data: string;

beforeEach(async () => {
  installation = await openInstallation();
  data = join(installation.folder, "data");
  worker = openProcess(installation, { session: "w" });
  run = await installation.start(aScript([aFileTable("A"), aTableFile("F", "A")]), {
    keyspace: "k",
  });
});
afterEach(() => installation[Symbol.asyncDispose]());

const ports = (): DoctorPorts => ({
  ...installation,
  now: () => 1,
  newId: randomUUID,
  control: worker.control,
  session: "w",
  isSessionDead: (session) => session !== "w",
  leftovers: openFolderLeftovers(data),
});

async function found(reads = false): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of examine(ports(), { reads })) findings.push(finding);
  return findings;
}

/** Finds exactly this, repairs it, and then finds nothing any more. */
async function expectRepaired(kind: Finding["kind"]): Promise<void> {
  const findings = await found();
  expect(findings.map((finding) => finding.kind)).toEqual([kind]);
  await findings[0]?.fix?.();
  expect(await found()).toEqual([]);
}

const keyspaceFolder = (): string =>
  join(data, readdirSync(data).find((name) => name.startsWith("k.")) ?? "");

test("a healthy installation has no finding", async () => {
  await worker.work(run);
  expect(await found()).toEqual([]);
});

test("a run that nobody works on is named with the command that goes on, and left alone", async () => {
  const [finding, ...others] = await found();
  expect(finding).toMatchObject({ kind: "unfinished_run", place: "run 1 of k" });
  expect(finding?.repair).toContain("resume --keyspace k --run 1");
  expect(finding).not.toHaveProperty("fix");
  expect(others).toEqual([]);
});

test("sessions of processes that are gone are removed", async () => {
  await worker.work(run);
  const process = { host: "h", pid: 5, processStart: "", bootId: "", counter: 1 };
  await installation.store.putSession({ session: "gone", ...process });
  await installation.store.putSession({ session: "w", ...process });
  await expectRepaired("dead_session");
});

test("a run that was ended by somebody who died then is ended in its nodes too", async () => {
  const stopped = {
    ...run,
    state: "stopped",
    comment: "",
    epoch: 2,
    version: 2,
    endedAt: 1,
  } as const;
  await installation.store.updateRun(stopped, { at: 1, kind: "stop", text: "" });
  await expectRepaired("half_ended_run");
  const nodes = await installation.store.nodes(run.incarnation, 1);
  expect(nodes.map(({ state }) => state)).toEqual(["stopreceived", "stopreceived"]);
});

test("a run that any worker may attend is left alone while one is alive, and its lost batches are named when none is", async () => {
  await installation.store.updateRun({ ...run, executors: [], version: 2 });
  const gone = openProcess(installation, { session: "gone" });
  await gone.control.advance(run.incarnation, 1);
  await gone.control.claimNext([{ incarnation: run.incarnation, run: 1 }]);
  const alive = { host: "h", pid: 5, processStart: "", bootId: "", counter: 1 };
  await installation.store.putSession({ session: "alive", ...alive });
  const of = (isSessionDead: (session: string) => boolean): DoctorPorts => ({
    ...ports(),
    isSessionDead,
  });
  const kinds = async (ports: DoctorPorts): Promise<readonly string[]> => {
    const list: string[] = [];
    for await (const { kind } of examine(ports, { reads: false })) list.push(kind);
    return list;
  };
  expect(await kinds(of((session) => session === "gone"))).toEqual(["lost_claims"]);
  expect(await kinds(of(() => true))).toEqual(["dead_session", "unfinished_run", "lost_claims"]);
});

test("tables that no installation knows are dropped from the database, lost ones are named", async () => {
  await worker.work(run);
  const left = [
    { kind: "data", name: "old_0000" },
    { kind: "record", name: "k" },
  ] as const;
  const removed: string[] = [];
  const cluster = {
    list: () => Promise.resolve(left),
    remove: ({ name }: { readonly name: string }) => Promise.resolve(void removed.push(name)),
  };
  const findings: Finding[] = [];
  for await (const finding of examine({ ...ports(), cluster }, { reads: false }))
    findings.push(finding);
  expect(findings.map(({ kind, place }) => [kind, place])).toEqual([
    ["orphan_keyspace", "old_0000"],
    ["lost_keyspace", "k"],
  ]);
  for (const { fix } of findings) await fix?.();
  expect(removed).toEqual(["old_0000"]);
});

test("a drop that was interrupted is finished", async () => {
  await worker.work(run);
  await installation.store.beginDrop("k", run.incarnation);
  await expectRepaired("dropping_keyspace");
  expect(await installation.store.keyspace("k")).toBeUndefined();
});

test.each([
  ["trash", ".trash-abc"],
  ["orphan_folder", "old.0000"],
])("folders that belong to nothing are deleted: %s", async (kind, name) => {
  await worker.work(run);
  mkdirSync(join(data, name, "run-1", "A"), { recursive: true });
  await expectRepaired(kind as Finding["kind"]);
  expect(existsSync(join(data, name))).toBe(false);
});

test.each([
  ["orphan_folder", "run-9"],
  ["orphan_folder", join("run-1", "X")],
  ["lost_folder", join("run-1", ".lost-A.boot")],
])("the same inside a keyspace: %s %s", async (kind, name) => {
  await worker.work(run);
  mkdirSync(join(keyspaceFolder(), name), { recursive: true });
  await expectRepaired(kind as Finding["kind"]);
  expect(existsSync(keyspaceFolder())).toBe(true);
});

test("data of attempts that nothing names is deleted, what a manifest names is kept", async () => {
  await worker.work(run);
  const place = { incarnation: run.incarnation, run: 1, node: "A", phase: "rows", unit: 0 };
  const piece = { kind: "chunk", name: "", part: 0, seq: 0 } as const;
  await installation.tables.write({ ...place, token: "dead" }, [
    { piece, data: new Uint8Array(9) },
  ]);
  await expectRepaired("orphan_data");
  const [unit] = await installation.store.units({ ...place, phase: "rows" });
  const token = unit?.record.token ?? "";
  expect((await installation.tables.read({ ...place, token }, piece)).length).toBeGreaterThan(0);
  await expect(installation.tables.read({ ...place, token: "dead" }, piece)).rejects.toThrow();
});

test("temporary files of attempts of a node that has ended are deleted, others are not touched", async () => {
  await worker.work(run);
  const [unit] = await installation.store.units({ ...run, node: "F", phase: "rows" });
  const [name = ""] = Object.keys(await installation.outputs("k"));
  const beside = (token: string): string => installation.outputPath("k", `.${name}.${token}.tmp`);
  writeFileSync(beside(unit?.record.token ?? ""), "");
  writeFileSync(beside("0".repeat(32)), "");
  await expectRepaired("temporary_file");
  expect(existsSync(beside("0".repeat(32)))).toBe(true);
});

test("a table that cannot be read is named with the retry that makes it again", async () => {
  await worker.work(run);
  // What the fake engine writes is no chunk.
  const findings = await found(true);
  expect(findings).toMatchObject([{ kind: "damaged_table", place: "node A of run 1 of k" }]);
  expect(findings[0]?.repair).toContain("retry --keyspace k --run 1 --node A --below");
});

test("lost manifests and documents are found", async () => {
  await worker.work(run);
  const { store } = installation;
  const broken = {
    ...ports(),
    store: { ...store, manifest: (incarnation: string) => store.manifest(incarnation, "none") },
  };
  const kinds = async (of: DoctorPorts): Promise<readonly string[]> => {
    const list: string[] = [];
    for await (const { kind } of examine(of, { reads: false })) list.push(kind);
    return list;
  };
  expect(await kinds(broken)).toEqual(["damaged_table", "damaged_table"]);
  const lost = { ...ports(), store: { ...store, document: () => store.document("none") } };
  expect(await kinds(lost)).toEqual(["damaged_run"]);
});
