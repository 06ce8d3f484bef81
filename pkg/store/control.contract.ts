import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest, NodeRecord, RunRecord, UnitOutcome } from "#pkg/workflow";
import type { ControlStore, RunSummary, SessionRecord } from "./control.ts";
import { describeNeighbours, type ControlUnderTest } from "./neighbours.contract.ts";
import {
  cause,
  claimOf,
  commandLists,
  commitOf,
  execute,
  failureOf,
  keyOf,
  outcome,
  releaseOf,
  UnitModel,
} from "./test-support/unit-model.ts";

const aRun = (incarnation: string, run: number, more: Partial<RunRecord> = {}): RunRecord => ({
  incarnation,
  keyspace: "sales",
  run,
  version: 1,
  state: "running",
  epoch: 1,
  startNodes: ["read"],
  affected: ["read", "join both", "a first"],
  executors: [],
  documents: { script: "s", scriptText: "t", parameters: "p", inputs: "i" },
  scriptUrl: "/s.json",
  parametersUrl: "",
  description: "größer, \u{1f600}",
  startedBy: "somebody",
  constants: { chunkRows: 1, chunkBytes: 2, rangeSize: 3, broadcastLimit: 4, partitions: 0 },
  outputs: [],
  startedAt: 1,
  comment: "",
  ...more,
});

const aSession = (session: string, counter = 1): SessionRecord => ({
  session,
  host: "h",
  pid: 5,
  processStart: "9",
  bootId: "b",
  counter,
});

const aSummary = (run: number, more: Partial<RunSummary> = {}): RunSummary => ({
  scriptName: "sales.json",
  scriptHash: "s",
  keyspace: "sales",
  incarnation: "i1",
  run,
  outcome: "succeeded",
  startedAt: run * 10,
  endedAt: run * 10 + 5,
  nodes: [{ node: "read", state: "success", rows: 3, elapsedMs: 8 }],
  ...more,
});

const aManifest = (incarnation: string, batches: number): Manifest => ({
  incarnation,
  run: 1,
  node: "read",
  batches: Array.from({ length: batches }, (_, batch) => ({
    batch,
    token: `t${batch}`,
    stored: 3,
    rows: 2,
    chunks: [1, 2],
    bytes: 100,
    valueHash: "h",
  })),
  selections: [{ unit: 0, token: "f" }],
  rows: batches * 2,
  bytes: batches * 100,
  partitions: 4,
  outputs: [],
});

const codeOf = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => "no refusal",
    (error: { readonly code: unknown }) => error.code,
  );

/** What every ControlStore must do. */
export function describeControlStore(name: string, open: () => Promise<ControlUnderTest>): void {
  describe(`${name}: control store`, () => {
    let under: ControlUnderTest;
    let control: ControlStore;
    beforeEach(async () => {
      under = await open();
      control = under.control;
    });
    afterEach(() => under.close());

    describe("keyspaces", () => {
      test("opening makes a keyspace once and answers the living one after that", async () => {
        const first = await control.openKeyspace("sales", "i1");
        expect(first).toEqual({ name: "sales", incarnation: "i1", state: "live" });
        expect(await control.openKeyspace("sales", "i2")).toEqual(first);
        await using other = await under.again();
        expect(await other.keyspace("sales")).toEqual(first);
      });

      test("names that differ only in case are different keyspaces, listed in name order", async () => {
        for (const name of ["b", "B", "a", "a_1"]) await control.openKeyspace(name, `i-${name}`);
        const names = (await control.keyspaces()).map(({ name }) => name);
        expect(names).toEqual(["B", "a", "a_1", "b"]);
        expect(await control.keyspace("A")).toBeUndefined();
      });

      test("of many that open one name at once all get the same incarnation", async () => {
        await using other = await under.again();
        const opened = await Promise.all(
          Array.from({ length: 10 }, (_, n) =>
            (n % 2 ? control : other).openKeyspace("k", `i${n}`),
          ),
        );
        expect(new Set(opened.map(({ incarnation }) => incarnation)).size).toBe(1);
      });

      test("a drop begins once, of the living incarnation only", async () => {
        await control.openKeyspace("k", "i1");
        expect(await control.beginDrop("k", "i2")).toBe(false);
        expect(await control.beginDrop("other", "i1")).toBe(false);
        expect(await control.beginDrop("k", "i1")).toBe(true);
        expect(await control.beginDrop("k", "i1")).toBe(false);
        expect(await control.keyspace("k")).toMatchObject({ state: "dropping" });
        expect(await codeOf(control.openKeyspace("k", "i3"))).toBe("KEYSPACE_DROPPING");
      });

      test("endDrop forgets everything of the incarnation, may be repeated, and spares the rest", async () => {
        for (const [name, incarnation] of [
          ["k", "i1"],
          ["k1", "i11"],
        ] as const) {
          await control.openKeyspace(name, incarnation);
          await control.insertRun(aRun(incarnation, 1));
          await control.claimUnit(claimOf(keyOf(incarnation, 3), "t"));
        }
        const id = await control.putManifest(aManifest("i1", 5));
        await control.putSummary(aSummary(1));
        await control.putDecision({ id: "d" });
        await control.beginDrop("k", "i1");
        await control.endDrop("k", "i1");
        await control.endDrop("k", "i1");
        expect(await control.keyspace("k")).toBeUndefined();
        expect(await control.runs("i1")).toEqual([]);
        expect(await control.nodes("i1", 1)).toEqual([]);
        expect(await control.units(keyOf("i1", 3))).toEqual([]);
        expect(await codeOf(control.manifest("i1", id))).toBe("TABLE_DAMAGED");
        expect(await control.runs("i11")).toHaveLength(1);
        expect(await control.units(keyOf("i11", 3))).toHaveLength(1);
        expect(await control.summaries("sales.json")).toHaveLength(1);
        expect(await control.decisions()).toHaveLength(1);
        expect(await control.openKeyspace("k", "i4")).toMatchObject({ incarnation: "i4" });
      });

      test("endDrop does nothing to a keyspace that is not being dropped", async () => {
        await control.openKeyspace("k", "i1");
        await control.insertRun(aRun("i1", 1));
        await control.endDrop("k", "i1");
        await control.endDrop("never seen", "i9");
        expect(await control.runs("i1")).toHaveLength(1);
      });

      test("after beginDrop claims, commits, node transitions, outputs and new runs are refused", async () => {
        await control.openKeyspace("k", "i1");
        await control.insertRun(aRun("i1", 1));
        const key = keyOf("i1", 0);
        await control.claimUnit(claimOf(key, "t"));
        const [node] = await control.nodes("i1", 1);
        await control.beginDrop("k", "i1");
        expect((await control.claimUnit(claimOf(keyOf("i1", 1), "u"))).granted).toBe(false);
        expect(await control.commitUnit(commitOf(key, "t"))).toBe(false);
        expect(await control.updateNode({ ...(node as NodeRecord), version: 2 })).toBe(false);
        expect(
          await control.claimOutput({ path: "/o", incarnation: "i1", run: 1, token: "t" }),
        ).toBe(false);
        expect(await codeOf(control.insertRun(aRun("i1", 2)))).toBe("KEYSPACE_DROPPING");
        await control.endDrop("k", "i1");
        expect(await codeOf(control.insertRun(aRun("i1", 1)))).toBe("KEYSPACE_MISSING");
        expect((await control.claimUnit(claimOf(key, "v"))).granted).toBe(false);
      });
    });

    describe("documents and manifests", () => {
      test("a document is found by the hash of its text", async () => {
        const text = `{"größe": "\u{1f600}"}${"x".repeat(3_000_000)}`;
        const hash = await control.putDocument(text);
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        expect(await control.putDocument(text)).toBe(hash);
        await using other = await under.again();
        expect(await other.document(hash)).toBe(text);
        const empty = await control.putDocument("");
        expect(await control.document(empty)).toBe("");
      });

      test("an unknown document is STORE_DAMAGED", async () => {
        expect(await codeOf(control.document("0".repeat(64)))).toBe("STORE_DAMAGED");
      });

      test.each([0, 1, 999, 1000, 1001, 2500])("a manifest of %i batches comes back", async (n) => {
        const manifest = aManifest("i1", n);
        const id = await control.putManifest(manifest);
        expect(await control.putManifest(structuredClone(manifest))).toBe(id);
        expect(await control.manifest("i1", id)).toEqual(manifest);
        expect(await control.putManifest({ ...manifest, rows: -1 })).not.toBe(id);
      });

      test("an unknown manifest is TABLE_DAMAGED", async () => {
        const id = await control.putManifest(aManifest("i1", 1));
        expect(await codeOf(control.manifest("i2", id))).toBe("TABLE_DAMAGED");
        expect(await codeOf(control.manifest("i1", "0".repeat(64)))).toBe("TABLE_DAMAGED");
      });
    });

    describe("runs and nodes", () => {
      beforeEach(async () => {
        await control.openKeyspace("sales", "i1");
      });

      test("an insert makes the run and a record of every affected node visible, in their order", async () => {
        const run = aRun("i1", 1);
        expect(await control.insertRun(run)).toBe(true);
        expect(await control.run("i1", 1)).toEqual(run);
        expect(await control.nodes("i1", 1)).toEqual(
          run.affected.map((node) => ({
            incarnation: "i1",
            run: 1,
            node,
            version: 1,
            state: "none",
          })),
        );
        expect(await control.runWithNodes("i1", 1)).toMatchObject({
          run,
          nodes: await control.nodes("i1", 1),
        });
        expect(await control.runWithNodes("i1", 2)).toBeUndefined();
        expect(await control.run("i1", 2)).toBeUndefined();
        expect(await control.run("i2", 1)).toBeUndefined();
        expect(await control.nodes("i1", 2)).toEqual([]);
      });

      test("runs are numbered without gaps", async () => {
        expect(await control.insertRun(aRun("i1", 2))).toBe(false);
        expect(await control.insertRun(aRun("i1", 0))).toBe(false);
        for (let n = 1; n <= 12; n += 1) expect(await control.insertRun(aRun("i1", n))).toBe(true);
        expect(await control.insertRun(aRun("i1", 5, { startedAt: 2 }))).toBe(false);
        expect((await control.runs("i1")).map(({ run }) => run)).toEqual([
          1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
        ]);
      });

      test("a repeated insert is true, also after the run went on; another one is false", async () => {
        const run = aRun("i1", 1);
        await control.insertRun(run);
        expect(await control.insertRun(structuredClone(run))).toBe(true);
        await control.updateRun({ ...run, version: 2, comment: "x" });
        expect(await control.insertRun(run)).toBe(true);
        expect(await control.insertRun({ ...run, startedAt: 99 })).toBe(false);
        expect(await control.run("i1", 1)).toMatchObject({ version: 2, comment: "x" });
      });

      test("of N racing starts exactly one gets the number", async () => {
        await using other = await under.again();
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            (n % 2 ? control : other).insertRun(aRun("i1", 1, { startedBy: `actor ${n}` })),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
      });

      test("active runs are the running ones of live keyspaces", async () => {
        const active = async (): Promise<unknown> =>
          (await control.activeRuns())
            .map(({ incarnation, run }) => `${incarnation} ${run}`)
            .toSorted();
        expect(await active()).toEqual([]);
        for (const [name, incarnation] of [
          ["a", "r1"],
          ["a1", "r11"],
        ] as const) {
          await control.openKeyspace(name, incarnation);
          await control.insertRun(aRun(incarnation, 1));
        }
        await control.insertRun(aRun("r1", 2));
        expect(await active()).toEqual(["r1 1", "r1 2", "r11 1"]);
        await control.updateRun(aRun("r1", 1, { version: 2, state: "complete" }));
        await control.updateRun(aRun("r11", 1, { version: 2, comment: "goes on" }));
        expect(await active()).toEqual(["r1 2", "r11 1"]);
        await control.insertRun(aRun("r1", 3));
        await control.beginDrop("a1", "r11");
        expect(await active()).toEqual(["r1 2", "r1 3"]);
        await control.updateRun(aRun("r1", 3, { version: 2, state: "stopped" }));
        await control.endDrop("a1", "r11");
        expect(await active()).toEqual(["r1 2"]);
      });

      test("updateRun wants the version before, and repeating it is true", async () => {
        const run = aRun("i1", 1);
        await control.insertRun(run);
        const next: RunRecord = { ...run, version: 2, state: "stopped", epoch: 2, endedAt: 5 };
        expect(await control.updateRun({ ...next, version: 3 })).toBe(false);
        expect(await control.updateRun(next)).toBe(true);
        expect(await control.updateRun(structuredClone(next))).toBe(true);
        expect(await control.updateRun({ ...next, comment: "other" })).toBe(false);
        expect(await control.updateRun(run)).toBe(false);
        expect(await control.updateRun({ ...next, run: 7 })).toBe(false);
        expect(await control.run("i1", 1)).toEqual(next);
      });

      test("updateNode wants the version before, and repeating it is true", async () => {
        await control.insertRun(aRun("i1", 1));
        const [first] = (await control.nodes("i1", 1)) as [NodeRecord];
        const next: NodeRecord = { ...first, version: 2, state: "waiting", reason: "rule 1" };
        expect(await control.updateNode({ ...next, version: 3 })).toBe(false);
        expect(await control.updateNode(next)).toBe(true);
        expect(await control.updateNode(structuredClone(next))).toBe(true);
        expect(await control.updateNode({ ...next, reason: "rule 2" })).toBe(false);
        expect(await control.updateNode({ ...next, node: "unknown" })).toBe(false);
        expect((await control.nodes("i1", 1))[0]).toEqual(next);
      });

      test("events are numbered per run in the order of transitions, once each", async () => {
        const run = aRun("i1", 1);
        await control.insertRun(run);
        await control.insertRun(aRun("i1", 2));
        const [node] = (await control.nodes("i1", 1)) as [NodeRecord];
        const event = (text: string) => ({ at: 1, kind: "moved", text });
        await control.updateNode({ ...node, version: 2 }, { ...event("one"), node: "read" });
        await control.updateNode({ ...node, version: 2 }, { ...event("one"), node: "read" });
        await control.updateNode({ ...node, version: 2, reason: "no" }, event("refused"));
        await control.updateRun({ ...run, version: 2 }, event("two"));
        await control.updateRun({ ...run, version: 2 }, event("two"));
        await control.updateNode({ ...node, version: 3 }, event("three"));
        const texts = async (after: number) =>
          (await control.events("i1", 1, after)).map(({ number, text }) => [number, text]);
        expect(await texts(0)).toEqual([
          [1, "one"],
          [2, "two"],
          [3, "three"],
        ]);
        expect(await texts(2)).toEqual([[3, "three"]]);
        expect(await texts(3)).toEqual([]);
        expect(await control.events("i1", 2, 0)).toEqual([]);
        expect((await control.events("i1", 1, 0))[0]).toMatchObject({ node: "read", at: 1 });
      });

      test("of N racing transitions to different records exactly one is applied", async () => {
        await control.insertRun(aRun("i1", 1));
        await using other = await under.again();
        const [node] = (await control.nodes("i1", 1)) as [NodeRecord];
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            (n % 2 ? control : other).updateNode(
              { ...node, version: 2, reason: `by ${n}` },
              { at: 1, kind: "moved", text: `by ${n}` },
            ),
          ),
        );
        expect(answers.filter(Boolean)).toHaveLength(1);
        const [event] = await control.events("i1", 1, 0);
        expect((await control.nodes("i1", 1))[0]?.reason).toBe(event?.text);
        expect(await control.events("i1", 1, 0)).toHaveLength(1);
      });
    });

    describe("units", () => {
      beforeEach(async () => {
        await control.openKeyspace("sales", "i1");
        await control.insertRun(aRun("i1", 1));
      });
      const key = keyOf("i1", 3);

      test("a first claim is granted with a fresh record, and repeating it too", async () => {
        expect(await control.unit(key)).toBeUndefined();
        const answer = await control.claimUnit(claimOf(key, "t1"));
        const record = {
          state: "running",
          token: "t1",
          session: "s",
          epoch: 1,
          attempt: 1,
          faults: 0,
          losses: 0,
          causes: [],
          startedAt: 100,
        };
        expect(answer).toEqual({ granted: true, record });
        expect(await control.claimUnit(claimOf(key, "t1"))).toEqual(answer);
        expect(await control.unit(key)).toEqual(record);
      });

      test("a claimed unit is refused to others, who see who has it", async () => {
        const { record } = await control.claimUnit(claimOf(key, "t1"));
        expect(await control.claimUnit(claimOf(key, "t2"))).toEqual({ granted: false, record });
        const stale = { ...claimOf(key, "t2"), takeover: { token: "t0", cause: cause("x") } };
        expect(await control.claimUnit(stale)).toEqual({ granted: false, record });
      });

      test("a takeover names the dead token, counts as a loss and keeps its cause", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        const takeover = { token: "t1", cause: cause("process gone") };
        const claim = { ...claimOf(key, "t2"), session: "s2", takeover };
        const answer = await control.claimUnit(claim);
        expect(answer).toMatchObject({
          granted: true,
          record: { token: "t2", session: "s2", attempt: 2, losses: 1, faults: 0 },
        });
        expect(answer.record?.causes).toEqual([takeover.cause]);
        expect(await control.claimUnit(claim)).toEqual(answer);
        expect(await control.commitUnit(commitOf(key, "t1"))).toBe(false);
        expect(await control.releaseUnit(releaseOf(key, "t1"))).toBe(false);
        expect(await control.commitUnit(commitOf(key, "t2"))).toBe(true);
      });

      test("a takeover of a pending unit is refused", async () => {
        const claim = { ...claimOf(key, "t2"), takeover: { token: "t1", cause: cause("x") } };
        expect(await control.claimUnit(claim)).toEqual({ granted: false, record: undefined });
      });

      test("a commit of the claim's token and epoch ends the unit; repeating it is true", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        expect(await control.commitUnit(commitOf(key, "t2"))).toBe(false);
        expect(await control.commitUnit({ ...commitOf(key, "t1"), epoch: 2 })).toBe(false);
        expect(await control.commitUnit(commitOf(keyOf("i1", 4), "t1"))).toBe(false);
        expect(await control.commitUnit(commitOf(key, "t1"))).toBe(true);
        expect(await control.commitUnit(commitOf(key, "t1"))).toBe(true);
        expect(await control.unit(key)).toMatchObject({ state: "success", outcome, endedAt: 200 });
        expect(await control.progress(key)).toEqual({ succeeded: 1, failed: 0, rejected: 0 });
      });

      test("a final unit can be neither claimed, taken over, released nor ended otherwise", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        await control.commitUnit(commitOf(key, "t1"));
        const record = await control.unit(key);
        const takeover = { token: "t1", cause: cause("x") };
        const refused = { granted: false, record };
        expect(await control.claimUnit(claimOf(key, "t1"))).toEqual(refused);
        expect(await control.claimUnit(claimOf(key, "t2"))).toEqual(refused);
        expect(await control.claimUnit({ ...claimOf(key, "t2"), takeover })).toEqual(refused);
        expect(await control.releaseUnit(releaseOf(key, "t1"))).toBe(false);
        expect(await control.commitUnit(failureOf(key, "t1"))).toBe(false);
        expect(await control.unit(key)).toEqual(record);
        expect(await control.progress(key)).toEqual({ succeeded: 1, failed: 0, rejected: 0 });
      });

      test("a failure keeps its cause last", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        await control.releaseUnit(releaseOf(key, "t1"));
        await control.claimUnit(claimOf(key, "t2"));
        expect(await control.commitUnit(failureOf(key, "t2"))).toBe(true);
        expect(await control.commitUnit(failureOf(key, "t2"))).toBe(true);
        expect(await control.commitUnit(commitOf(key, "t2"))).toBe(false);
        const record = await control.unit(key);
        expect(record).toMatchObject({ state: "fail", attempt: 2 });
        expect(record?.causes.map(({ message }) => message)).toEqual(["released t1", "failed t2"]);
        expect(await control.progress(key)).toEqual({ succeeded: 0, failed: 1, rejected: 0 });
      });

      test("a released unit reads as pending and remembers its attempts", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        expect(await control.releaseUnit(releaseOf(key, "t2"))).toBe(false);
        expect(await control.releaseUnit(releaseOf(key, "t1", "fault"))).toBe(true);
        expect(await control.releaseUnit(releaseOf(key, "t1", "fault"))).toBe(true);
        expect(await control.unit(key)).toBeUndefined();
        expect(await control.units(key)).toEqual([]);
        expect(await control.commitUnit(commitOf(key, "t1"))).toBe(false);
        const { granted, record } = await control.claimUnit(claimOf(key, "t2"));
        expect(granted).toBe(true);
        expect(record).toMatchObject({ attempt: 2, faults: 1, losses: 0, token: "t2" });
        expect(record?.causes).toEqual([cause("released t1")]);
        await control.releaseUnit(releaseOf(key, "t2", "none"));
        const third = await control.claimUnit(claimOf(key, "t3"));
        expect(third.record).toMatchObject({ attempt: 3, faults: 1, losses: 0 });
      });

      test("units lists what exists by number, of one phase only", async () => {
        for (const unit of [300, 2, 10]) {
          await control.claimUnit(claimOf({ ...key, unit }, `t${unit}`));
        }
        await control.claimUnit(claimOf({ ...key, phase: "finish", unit: 1 }, "f"));
        await control.claimUnit(claimOf({ ...key, node: "read 2", unit: 1 }, "g"));
        await control.commitUnit(commitOf({ ...key, unit: 10 }, "t10"));
        const found = await control.units(key);
        expect(found.map(({ unit, record }) => [unit, record.state])).toEqual([
          [2, "running"],
          [10, "success"],
          [300, "running"],
        ]);
        expect(await control.progress({ ...key, phase: "finish" })).toEqual({
          succeeded: 0,
          failed: 0,
          rejected: 0,
        });
      });

      test("unfinished tells who holds a unit and which are pending, and leaves out what is final", async () => {
        for (const unit of [1, 2, 4]) {
          await control.claimUnit(claimOf({ ...key, unit }, `t${unit}`));
        }
        await control.commitUnit(commitOf({ ...key, unit: 2 }, "t2"));
        await control.releaseUnit(releaseOf({ ...key, unit: 4 }, "t4"));
        await control.claimUnit(claimOf({ ...key, unit: 200 }, "t200"));
        await control.commitUnit(failureOf({ ...key, unit: 200 }, "t200"));
        await using other = await under.again();
        const open = await other.unfinished(key, 201);
        expect(open.map(({ unit }) => unit)).toEqual(
          Array.from({ length: 200 }, (_, unit) => unit).filter((unit) => unit !== 2),
        );
        const held = open.filter(({ record }) => record !== undefined);
        expect(held.map(({ unit, record }) => [unit, record?.token])).toEqual([[1, "t1"]]);
      });

      test("a phase may be over when its last unit has ended", async () => {
        for (const count of [1, 3, 130]) {
          const phase = { ...key, node: `of ${count}` };
          for (let unit = 0; unit < count; unit += 1) {
            const at = { ...phase, unit };
            await control.claimUnit(claimOf(at, `t${unit}`));
            await control.commitUnit(
              unit % 2 ? failureOf(at, `t${unit}`) : commitOf(at, `t${unit}`),
            );
            const isLast = unit === count - 1;
            if (isLast || unit > 126 || unit === 0)
              expect(await control.mayBeOver(at, count)).toBe(isLast);
          }
          const { succeeded, failed } = await control.progress(phase);
          expect([succeeded, failed]).toEqual([Math.ceil(count / 2), Math.floor(count / 2)]);
        }
      });

      test("progress sums the rejected rows of committed units, once each", async () => {
        const rejecting = (rejected: number): UnitOutcome => ({
          ...outcome,
          counts: { ...outcome.counts, rejected },
        });
        for (const [unit, rejected] of [3, 0, 4].entries()) {
          const place = { ...key, unit };
          const token = `t${unit}`;
          await control.claimUnit(claimOf(place, token));
          const commit = { ...commitOf(place, token), result: { outcome: rejecting(rejected) } };
          await control.commitUnit(commit);
          await control.commitUnit(commit);
        }
        await control.claimUnit(claimOf({ ...key, unit: 9 }, "t9"));
        expect(await control.progress(key)).toEqual({ succeeded: 3, failed: 0, rejected: 7 });
      });

      test("of N racing claims exactly one is granted", async () => {
        await using other = await under.again();
        for (let unit = 0; unit < 10; unit += 1) {
          const answers = await Promise.all(
            Array.from({ length: 16 }, (_, n) =>
              (n % 2 ? control : other).claimUnit(claimOf({ ...key, unit }, `t${n}`)),
            ),
          );
          const winners = answers.filter(({ granted }) => granted);
          expect(winners).toHaveLength(1);
          expect(new Set(answers.map(({ record }) => record?.token)).size).toBe(1);
        }
      });

      test("of N racing takeovers exactly one is granted", async () => {
        await using other = await under.again();
        await control.claimUnit(claimOf(key, "dead"));
        const takeover = { token: "dead", cause: cause("gone") };
        const answers = await Promise.all(
          Array.from({ length: 16 }, (_, n) =>
            (n % 2 ? control : other).claimUnit({ ...claimOf(key, `t${n}`), takeover }),
          ),
        );
        expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
        expect((await control.unit(key))?.losses).toBe(1);
      });

      test("a commit and a takeover that race end in one of the two, never both", async () => {
        for (let unit = 0; unit < 20; unit += 1) {
          const at = { ...key, unit };
          await control.claimUnit(claimOf(at, "t1"));
          const takeover = { token: "t1", cause: cause("gone") };
          const [isCommitted, answer] = await Promise.all([
            control.commitUnit(commitOf(at, "t1")),
            control.claimUnit({ ...claimOf(at, "t2"), takeover }),
          ]);
          expect(isCommitted).not.toBe(answer.granted);
        }
      });

      test("an outcome, a manifest and a run keep from where they were taken over", async () => {
        await control.claimUnit(claimOf(key, "old"));
        const result = { outcome: { ...outcome, from: 7 } };
        const commit = { ...commitOf(key, "old"), result };
        expect(await control.commitUnit(commit)).toBe(true);
        expect(await control.claimUnit(claimOf(key, "old"))).toMatchObject({ granted: false });
        expect(await control.commitUnit(commit)).toBe(true);
        expect((await control.unit(key))?.outcome?.from).toBe(7);
        const { batches, ...rest } = aManifest("i1", 2);
        const made = {
          ...rest,
          batches: batches.map((batch) => Object.assign(batch, { from: 7 })),
        };
        expect(await control.manifest("i1", await control.putManifest(made))).toEqual(made);
      });

      test("causes may hold what JSON has no word for", async () => {
        await control.claimUnit(claimOf(key, "t1"));
        const strange = { ...cause("x"), facts: { row: 12345678901234567890n } };
        expect(await control.releaseUnit({ ...releaseOf(key, "t1"), cause: strange })).toBe(true);
        const { record } = await control.claimUnit(claimOf(key, "t2"));
        expect(String(record?.causes[0]?.facts["row"])).toBe("12345678901234567890");
      });

      test("any sequence of claims, commits and releases answers as the model does", async () => {
        let unit = 1000;
        const law = fc.asyncProperty(commandLists, async (commands) => {
          unit += 1;
          const at = { ...key, unit };
          const model = new UnitModel();
          for (const command of commands) {
            expect(await execute(control, at, command)).toEqual(model.execute(command));
          }
          expect((await control.unit(at))?.state).toBe(model.visibleState);
        });
        await fc.assert(law, { numRuns: 60 });
      });

      describeNeighbours(() => under);
    });

    describe("sessions, outputs, summaries and decisions", () => {
      test("sessions are put, replaced and removed", async () => {
        await control.putSession(aSession("s1"));
        await control.putSession(aSession("s2"));
        await control.putSession(aSession("s1", 2));
        await using other = await under.again();
        const byName = [...(await other.sessions())].sort((a, b) =>
          a.session < b.session ? -1 : 1,
        );
        expect(byName).toEqual([aSession("s1", 2), aSession("s2")]);
        await control.removeSession("s1");
        await control.removeSession("s1");
        expect(await control.sessions()).toEqual([aSession("s2")]);
      });

      test("an output goes to the newest running run that claims it", async () => {
        await control.openKeyspace("sales", "i1");
        for (const n of [1, 2]) await control.insertRun(aRun("i1", n));
        const claim = (run: number, more = {}) =>
          control.claimOutput({ path: "/out/a.csv", incarnation: "i1", run, token: "t", ...more });
        expect(await claim(1)).toBe(true);
        expect(await claim(1)).toBe(true);
        expect(await claim(1, { token: "u" })).toBe(true);
        expect(await claim(2)).toBe(true);
        expect(await claim(1)).toBe(false);
        expect(await claim(1, { path: `/${"long".repeat(1000)}` })).toBe(true);
        expect(await claim(3)).toBe(false);
        await control.updateRun(aRun("i1", 2, { version: 2, state: "stopped" }));
        expect(await claim(2)).toBe(false);
      });

      test("another keyspace may take a path over", async () => {
        for (const [name, incarnation] of [
          ["a", "i1"],
          ["b", "i2"],
        ] as const) {
          await control.openKeyspace(name, incarnation);
          await control.insertRun(aRun(incarnation, 1));
        }
        const claim = (incarnation: string) =>
          control.claimOutput({ path: "/o", incarnation, run: 1, token: "t" });
        expect(await claim("i1")).toBe(true);
        expect(await claim("i2")).toBe(true);
        expect(await claim("i1")).toBe(true);
      });

      test("summaries of a script come newest first, one per run", async () => {
        for (const run of [2, 1, 3]) await control.putSummary(aSummary(run));
        await control.putSummary(aSummary(2, { outcome: "failed" }));
        await control.putSummary(aSummary(9, { scriptName: "other.json" }));
        await control.putSummary(aSummary(1, { incarnation: "i2", endedAt: 1000 }));
        const found = await control.summaries("sales.json");
        expect(found.map(({ incarnation, run, outcome }) => [incarnation, run, outcome])).toEqual([
          ["i2", 1, "succeeded"],
          ["i1", 3, "succeeded"],
          ["i1", 2, "failed"],
          ["i1", 1, "succeeded"],
        ]);
        expect(await control.summaries("sales")).toEqual([]);
      });

      test("decisions are kept in order and never changed", async () => {
        for (const id of ["z", "a", "m"]) await control.putDecision({ id, verdict: "approve" });
        await control.putDecision({ id: "a", verdict: "reject" });
        const found = await control.decisions();
        expect(found.map(({ id, verdict }) => [id, verdict])).toEqual([
          ["z", "approve"],
          ["a", "approve"],
          ["m", "approve"],
        ]);
      });
    });
  });
}
