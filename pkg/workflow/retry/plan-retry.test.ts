import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Script, ScriptNode, TableWriterNode } from "#pkg/script";
import { affectedNodes, sourceNodes } from "../affected-nodes.ts";
import type {
  FrozenInput,
  NodePlan,
  NodeRecord,
  PhaseName,
  RunRecord,
  UnitRecord,
} from "../records.ts";
import type { UnitsByPhase } from "../manifest.ts";
import {
  aFileTable,
  aLookup,
  aNode,
  anIndex,
  anOutcome,
  aRun,
  aScript,
  aTableFile,
  aTableTable,
  aUnit,
} from "../test-support/build.ts";
import { planRetry } from "./plan-retry.ts";
import {
  hasWork,
  type RetriedNode,
  type RetryFacts,
  type RetrySize,
  type RetryStep,
} from "./retry-plan.ts";
import { retryRun } from "./retry-run.ts";

const BOTH: RetrySize = { kind: "unfinished", failed: true, missing: true };
const only = (size: "failed" | "missing"): RetrySize => ({
  kind: "unfinished",
  failed: size === "failed",
  missing: size === "missing",
});
const nodesNamed = (nodes: readonly string[], below = false): RetrySize => ({
  kind: "nodes",
  nodes,
  below,
});

const planOf = (phases: NodePlan["phases"]): NodePlan => ({
  phases,
  batches: phases.find(({ name }) => name === "rows")?.units ?? 1,
  partitions: 2,
});

type Letter = "s" | "f" | "r" | "-";

/** One letter a unit: success, fail, running, never ran. */
function unitsFrom(letters: string): NonNullable<UnitsByPhase["rows"]> {
  const RECORD: Record<Letter, Partial<UnitRecord> | undefined> = {
    s: { state: "success", outcome: anOutcome(1) },
    f: {
      state: "fail",
      causes: [
        { code: "CELL_INVALID", message: "bad cell", hint: "", retryable: false, facts: {} },
      ],
    },
    r: { state: "running" },
    "-": undefined,
  };
  return letters.split("").flatMap((letter, unit) => {
    const changes = RECORD[letter as Letter];
    return changes === undefined ? [] : [{ unit, record: aUnit(`t${unit}`, changes) }];
  });
}

const succeeded = (name: string, changes: Partial<NodeRecord> = {}): RetriedNode => ({
  record: aNode(1, name, {
    state: "success",
    plan: planOf([{ name: "rows", units: 2 }]),
    verdict: { evidence: [] },
    manifest: `m_${name}`,
    ...changes,
  }),
  units: {},
});

const begun = (
  name: string,
  state: NodeRecord["state"],
  units: Readonly<Partial<Record<PhaseName, string>>>,
  changes: Partial<NodeRecord> = {},
): RetriedNode => ({
  record: aNode(1, name, {
    state,
    plan: planOf(
      Object.entries(units).map(([phase, letters]) => ({
        name: phase as "rows",
        units: letters.length,
      })),
    ),
    verdict: { evidence: [] },
    ...changes,
  }),
  units: Object.fromEntries(
    Object.entries(units).map(([phase, letters]) => [phase, unitsFrom(letters)]),
  ),
});

const never = (name: string, state: NodeRecord["state"] = "skipped"): RetriedNode => ({
  record: aNode(1, name, { state }),
  units: {},
});

const aFile = (node: string, url: string, changes: Partial<FrozenInput> = {}): FrozenInput => ({
  node,
  url,
  size: 10,
  version: "1",
  ...changes,
});

interface Given {
  readonly script: Script;
  readonly nodes: readonly RetriedNode[];
  readonly run?: Partial<RunRecord>;
  readonly corrected?: Script;
  readonly inputs?: RetryFacts["inputs"];
  readonly stopped?: readonly number[];
}

function factsOf({ script, nodes, run, corrected, inputs, stopped = [] }: Given): RetryFacts {
  const affected = nodes.map(({ record }) => record.node);
  return {
    run: aRun(1, { state: "complete", outcome: "failed", affected, ...run }),
    before: script,
    script: corrected ?? script,
    affected: corrected === undefined ? affected : affectedNodes(corrected, [affected[0] ?? ""]),
    nodes: new Map(nodes.map((node) => [node.record.node, node])),
    inputs: inputs ?? { before: [], now: [] },
    stopped: new Set(stopped),
  };
}

const plan = (given: Given, size: RetrySize = BOTH, changedFiles = false) =>
  planRetry(factsOf(given), { size, changedFiles });

const actions = ({ steps }: { readonly steps: readonly RetryStep[] }): Record<string, string> =>
  Object.fromEntries(steps.map(({ node, action }) => [node, action]));

const chain = aScript([
  aFileTable("A"),
  aTableTable("B", "A"),
  aTableTable("C", "B"),
  aTableFile("F", "C"),
]);

describe("what did not succeed", () => {
  const failed: Given = {
    script: chain,
    nodes: [succeeded("A"), begun("B", "fail", { rows: "ssfsf" }), never("C"), never("F")],
  };

  test("is executed, batch by batch, with the reason; what it held up follows; the rest is taken over", () => {
    const planned = plan(failed);
    expect(actions(planned)).toEqual({ A: "adopt", B: "continue", C: "execute", F: "execute" });
    expect(planned.steps[1]).toMatchObject({
      adopted: 3,
      units: [
        { phase: "rows", unit: 2, reason: "failed in run 1: bad cell" },
        { phase: "rows", unit: 4, reason: "failed in run 1: bad cell" },
      ],
      adoption: { kind: "units", run: 1, phase: 0, execute: [2, 4] },
    });
    expect(planned.steps[2]?.reason).toBe('was held up by "B"');
    expect(planned.refusals).toEqual([]);
    expect(retryRun(factsOf(failed), planned)).toMatchObject({
      affected: ["A", "B", "C", "F"],
      executed: ["B", "C", "F"],
      adoptions: { of: 1, nodes: { A: { kind: "node", run: 1, manifest: "m_A" } } },
    });
  });

  test("leaves what is taken over with the warnings that it had", () => {
    const warnings = ["reads the committed batches of a failed node"];
    const [adopted] = plan({
      ...failed,
      nodes: [succeeded("A", { warnings }), ...failed.nodes.slice(1)],
    }).steps;
    expect(adopted?.adoption).toMatchObject({ kind: "node", warnings });
  });

  test("of the failed only: batches that never ran stay out, with what reads them", () => {
    const stopped: Given = {
      script: chain,
      nodes: [
        succeeded("A"),
        begun("B", "stopreceived", { rows: "s-r" }),
        never("C", "stopreceived"),
        never("F", "stopreceived"),
      ],
      run: { state: "stopped", outcome: undefined } as unknown as Partial<RunRecord>,
      stopped: [1],
    };
    const planned = plan(stopped, only("failed"));
    expect(actions(planned)).toEqual({ A: "adopt", B: "leave", C: "leave", F: "leave" });
    expect(hasWork(planned)).toBe(false);
    const missing = plan(stopped, only("missing"));
    expect(actions(missing)).toEqual({ A: "adopt", B: "continue", C: "execute", F: "execute" });
    expect(missing.steps[1]?.units.map(({ reason }) => reason)).toEqual([
      "never ran in run 1",
      "was not finished when run 1 was stopped",
    ]);
    expect(missing.refusals).toEqual([]);
  });

  test("T-04 of the missing only: nothing when nothing is missing", () => {
    const planned = plan(
      { script: chain, nodes: ["A", "B", "C", "F"].map((name) => succeeded(name)) },
      only("missing"),
    );
    expect(new Set(Object.values(actions(planned)))).toEqual(new Set(["adopt"]));
    expect(hasWork(planned)).toBe(false);
    const beside = plan(failed, only("missing"));
    expect(actions(beside)).toEqual({ A: "adopt", B: "leave", C: "leave", F: "leave" });
  });

  test("a node that failed before it began, or lost all its batches, is executed wholly", () => {
    const planned = plan({
      script: chain,
      nodes: [succeeded("A"), never("B", "fail"), never("C"), never("F")],
    });
    expect(planned.steps[1]).toMatchObject({
      action: "execute",
      reason: "failed in run 1; it had not begun",
    });
    const nothing = plan({
      script: chain,
      nodes: [begun("A", "fail", { rows: "ff" }), never("B"), never("C"), never("F")],
    });
    expect(nothing.steps[0]).toMatchObject({
      action: "execute",
      reason: "failed in run 1; no batch was committed",
    });
  });

  test("a success that read the committed batches of a failed node is executed again with it", () => {
    const planned = plan({
      script: chain,
      nodes: [begun("A", "fail", { rows: "sf" }), succeeded("B"), succeeded("C"), never("F")],
    });
    expect(actions(planned)).toEqual({ A: "continue", B: "execute", C: "execute", F: "execute" });
    const stopped = begun("B", "stopreceived", { rows: "s-" });
    const begunBelow = plan({
      script: chain,
      nodes: [begun("A", "fail", { rows: "sf" }), stopped, never("C"), never("F")],
    });
    expect(begunBelow.steps[1]).toMatchObject({
      action: "execute",
      reason: 'was not finished in run 1; its source "A" is executed again',
    });
  });

  test("files are made together: a writer that did not succeed takes nothing over", () => {
    const planned = plan({
      script: chain,
      nodes: [succeeded("A"), succeeded("B"), succeeded("C"), begun("F", "fail", { rows: "sf" })],
    });
    expect(planned.steps[3]).toMatchObject({ action: "execute" });
    expect(planned.steps[3]?.reason).toContain("files are made together");
  });

  test("W17 goes on in the first phase in which something is missing", () => {
    const phases = { shuffle: "ss", join: "sf", rows: "--" };
    const script = aScript([
      aFileTable("A"),
      aFileTable("R"),
      aLookup("B", { left: "A", right: "R" }),
    ]);
    const planned = plan({
      script,
      nodes: [succeeded("A"), succeeded("R"), begun("B", "fail", phases)],
    });
    expect(planned.steps[2]).toMatchObject({
      action: "continue",
      adopted: 0,
      units: [{ phase: "join", unit: 1 }],
      adoption: { phase: 1, execute: [1] },
    });
    const finish = begun("A", "fail", { rows: "ss", finish: "f" });
    expect(plan({ script, nodes: [finish, succeeded("R"), never("B")] }).steps[0]).toMatchObject({
      adopted: 2,
      units: [{ phase: "finish", unit: 0 }],
    });
    const unconcluded = begun("A", "stopreceived", { rows: "ss" });
    expect(
      plan({ script, nodes: [unconcluded, succeeded("R"), never("B")] }).steps[0],
    ).toMatchObject({
      action: "continue",
      adopted: 2,
      units: [],
    });
  });
});

describe("named nodes", () => {
  const done: Given = { script: chain, nodes: ["A", "B", "C", "F"].map((name) => succeeded(name)) };

  test("alone are executed, and what read them is left out", () => {
    const planned = plan(done, nodesNamed(["B"]));
    expect(actions(planned)).toEqual({ A: "adopt", B: "execute", C: "leave", F: "leave" });
    expect(planned.steps[2]?.reason).toContain("--below");
  });

  test("with everything below are executed down to the files", () => {
    expect(actions(plan(done, nodesNamed(["B"], true)))).toEqual({
      A: "adopt",
      B: "execute",
      C: "execute",
      F: "execute",
    });
  });

  test("without their source are refused, with what to name", () => {
    const nodes = [begun("A", "fail", { rows: "f" }), never("B"), never("C"), never("F")];
    const { refusals } = plan({ script: chain, nodes }, nodesNamed(["B"]));
    expect(refusals).toMatchObject([{ node: "B", hint: "Execute both: --node A,B." }]);
  });

  test("whose other source has no result are left out with a reason", () => {
    const script = aScript([
      aFileTable("A"),
      aFileTable("R"),
      aLookup("J", { left: "A", right: "R" }),
    ]);
    const nodes = [succeeded("A"), begun("R", "fail", { rows: "f" }), never("J")];
    const planned = plan({ script, nodes }, nodesNamed(["A"], true));
    expect(actions(planned)).toEqual({ A: "execute", R: "leave", J: "leave" });
  });

  test("everything is everything", () => {
    const planned = plan(done, { kind: "all" });
    expect(new Set(Object.values(actions(planned)))).toEqual(new Set(["execute"]));
  });

  test("T-05 single batches are executed although they succeeded, with everything below; other batches are not", () => {
    const nodes = [
      begun("A", "success", { rows: "sss" }, { manifest: "m" }),
      ...["B", "C", "F"].map((name) => succeeded(name)),
    ];
    const planned = plan({ script: chain, nodes }, { kind: "batches", batches: { A: [1] } });
    expect(planned.steps[0]).toMatchObject({
      action: "continue",
      adopted: 2,
      units: [{ phase: "rows", unit: 1, reason: "asked for" }],
    });
    expect(actions(planned)).toMatchObject({ B: "execute", C: "execute", F: "execute" });
    const all = plan({ script: chain, nodes }, { kind: "batches", batches: { A: [0, 1, 2] } });
    expect(all.steps[0]).toMatchObject({
      action: "execute",
      reason: "batches asked for; no other batch was committed",
    });
    const unknown = plan({ script: chain, nodes }, { kind: "batches", batches: { A: [3] } });
    expect(unknown.refusals).toMatchObject([
      { node: "A", reason: "has no batch 3", hint: "Its batches are 0 to 2." },
    ]);
    const joined = begun("A", "success", { shuffle: "s", rows: "ss" }, { manifest: "m" });
    const swept = plan(
      { script: chain, nodes: [joined, ...nodes.slice(1)] },
      { kind: "batches", batches: { A: [1] } },
    );
    expect(swept.steps[0]).toMatchObject({ action: "execute" });
  });
});

describe("what other runs made", () => {
  const version = (run: number, node: string) => ({ run, node, manifest: `m_${node}` });
  const script = aScript([aFileTable("A"), aTableTable("B", "A"), aTableTable("C", "B")]);
  const reading = (run: number) => ({ verdict: { reader: version(run, "A"), evidence: [] } });

  test("is read again from the same run", () => {
    const nodes = [
      succeeded("B", reading(7)),
      succeeded("C", { verdict: { reader: version(1, "B"), evidence: [] } }),
    ];
    const planned = plan({ script, nodes }, { kind: "all" });
    expect(planned.steps[0]?.adoption).toEqual({ kind: "sources", runs: { A: 7 } });
    expect(planned.steps[1]?.adoption).toBeUndefined();
  });

  test("is refused when that run was stopped since, and chosen anew by what is executed", () => {
    const nodes = [succeeded("B", reading(7)), never("C")];
    const { refusals } = plan({ script, nodes, stopped: [7] });
    expect(refusals).toMatchObject([
      { node: "B", hint: "Execute it again with --node B --below." },
    ]);
    const again = plan({ script, nodes, stopped: [7] }, nodesNamed(["B"], true));
    expect(again.refusals).toEqual([]);
    expect(again.steps[0]?.adoption).toBeUndefined();
    const partly = [begun("B", "fail", { rows: "sf" }, reading(7)), never("C")];
    expect(plan({ script, nodes: partly, stopped: [7] }).steps[0]).toMatchObject({
      action: "execute",
      reason: "failed in run 1; it read run 7, which was stopped",
    });
  });

  test("an invalidated run gives nothing", () => {
    const given: Given = {
      script: chain,
      nodes: ["A", "B", "C", "F"].map((name) => succeeded(name)),
      run: { state: "stopped", outcome: "succeeded", comment: "wrong month" },
      stopped: [1],
    };
    expect(plan(given).refusals[0]?.reason).toContain("invalidated: wrong month");
    expect(plan({ ...given, run: { ...given.run, comment: "" } }).refusals[0]?.reason).toContain(
      "no comment",
    );
    expect(plan(given, { kind: "all" }).refusals).toEqual([]);
  });
});

describe("a corrected script", () => {
  const reader = aFileTable("A");
  const changed = (node: ScriptNode): Script =>
    aScript(chain.nodes.map((one) => (one.name === node.name ? node : one)));
  const withField = (name: string, source: string): ScriptNode =>
    aTableTable(name, source, {
      writer: {
        table: `t_${name}`,
        fields: [{ name: "id", type: "int", expression: "r.id + 1", defaultText: "" }],
        having: "",
        indexes: [],
      },
    });

  test("T-13 keeps the results of the nodes that it does not touch", () => {
    const nodes = [succeeded("A"), begun("B", "fail", { rows: "ff" }), never("C"), never("F")];
    const planned = plan({ script: chain, nodes, corrected: changed(withField("B", "A")) });
    expect(planned.refusals).toEqual([]);
    expect(actions(planned)).toEqual({ A: "adopt", B: "execute", C: "execute", F: "execute" });
  });

  test("W16 that makes results invalid is refused, with the place, and accepted when the node is named", () => {
    const nodes = [succeeded("A"), begun("B", "fail", { rows: "sf" }), never("C"), never("F")];
    const corrected = changed(withField("B", "A"));
    const { refusals } = plan({ script: chain, nodes, corrected });
    expect(refusals).toMatchObject([
      { node: "B", hint: "Execute the node again with --node B --below." },
    ]);
    expect(refusals[0]?.reason).toBe(
      "the script differs in writer.fields.id.expression: its committed batches of run 1, made with the old one, would stay",
    );
    expect(plan({ script: chain, nodes, corrected }, nodesNamed(["B"], true)).refusals).toEqual([]);
    const upstream = changed({
      ...reader,
      reader: { ...reader.reader, urls: ["/1", "/2"] },
      writer: { ...reader.writer, having: "w.id > 0", indexes: [anIndex("i", true)] },
    });
    expect(plan({ script: chain, nodes, corrected: upstream }).refusals[0]?.reason).toContain(
      "and 1 more",
    );
  });

  test("may say differently when nodes run and which index serves lookups", () => {
    const corrected = changed({
      ...reader,
      description: "new words",
      startPolicy: "manual",
      writer: { ...reader.writer, indexes: [anIndex("idx_new")] },
    });
    const nodes = [succeeded("A"), begun("B", "fail", { rows: "sf" }), never("C"), never("F")];
    expect(plan({ script: chain, nodes, corrected }).refusals).toEqual([]);
  });

  test("may let bad rows pass that failed batches before, not the other way round", () => {
    const nodes = [succeeded("A"), begun("B", "fail", { rows: "sf" }), never("C"), never("F")];
    const [one, two, ...rest] = chain.nodes;
    if (one === undefined || two === undefined) throw new Error("the script lacks nodes");
    const lenient = aScript([one, { ...two, rejects: { records: true, rows: true } }, ...rest]);
    expect(plan({ script: chain, nodes, corrected: lenient }).refusals).toEqual([]);
    expect(plan({ script: lenient, nodes, corrected: chain }).refusals[0]?.reason).toContain(
      "on_error",
    );
  });

  test("that judges differently makes the checks again, of what is taken over too", () => {
    const checks = [{ kind: "rows", min: 1, severity: "fail", description: "" }] as const;
    const [one, ...rest] = chain.nodes;
    if (one === undefined) throw new Error("the script lacks nodes");
    const strict = aScript([{ ...one, checks }, ...rest]);
    const done = begun("A", "success", { shuffle: "s", rows: "ss" }, { manifest: "m" });
    const nodes = [done, ...["B", "C", "F"].map((name) => succeeded(name))];
    const planned = plan({ script: chain, nodes, corrected: strict });
    expect(planned.refusals).toEqual([]);
    expect(planned.steps[0]).toMatchObject({
      action: "continue",
      adopted: 2,
      units: [{ phase: "check", unit: 0, reason: "checks are made again" }],
      adoption: { phase: 2, execute: [0] },
    });
    const judged = begun("A", "fail", { rows: "ss", check: "s" });
    const unjudged = plan({ script: strict, nodes: [judged, ...nodes.slice(1)], corrected: chain });
    expect(unjudged.steps[0]).toMatchObject({
      action: "continue",
      units: [],
      adoption: { phase: 0 },
    });
  });

  test("may have new nodes, which run, and lack old ones, which do not", () => {
    const corrected = aScript([reader, aTableTable("N", "A")]);
    const nodes = [succeeded("A"), succeeded("B"), succeeded("C"), succeeded("F")];
    const planned = plan({ script: chain, nodes, corrected });
    expect(actions(planned)).toEqual({ A: "adopt", N: "execute" });
    expect(planned.steps[1]?.reason).toBe("is new in the script");
    expect(actions(plan({ script: chain, nodes, corrected }, only("failed")))).toMatchObject({
      N: "leave",
    });
  });

  test("with fields or files in another order makes other content", () => {
    const two = [
      { name: "a", type: "int", expression: "r.id", defaultText: "" },
      { name: "b", type: "int", expression: "r.id", defaultText: "" },
    ] as const;
    const ordered = (fields: readonly (typeof two)[number][]): Script =>
      aScript([{ ...reader, writer: { ...reader.writer, fields } }]);
    const planned = plan({
      script: ordered(two),
      nodes: [succeeded("A")],
      corrected: ordered(two.toReversed()),
    });
    expect(planned.refusals[0]?.reason).toContain("writer.fields (order)");
  });
});

describe("input files", () => {
  const script = aScript([
    aFileTable("A", { reader: { ...aFileTable("A").reader, urls: ["/a", "/b", "/c"] } }),
  ]);
  const before = ["/a", "/b", "/c"].map((url) => aFile("A", url));
  const now = (changes: Readonly<Record<string, Partial<FrozenInput>>>): FrozenInput[] =>
    before.map((file) => ({ ...file, ...changes[file.url] }));
  const missing = {
    code: "FILE_MISSING",
    message: "no such file",
    hint: "",
    retryable: false,
    facts: {},
  } as const;
  const nodes = [begun("A", "fail", { rows: "sfs" })];

  test("of batches that are taken over may change or go away", () => {
    const inputs = { before, now: now({ "/a": { version: "2" }, "/c": { missing } }) };
    const planned = plan({ script, nodes, inputs });
    expect(planned.refusals).toEqual([]);
    expect(retryRun(factsOf({ script, nodes, inputs }), planned).inputs).toEqual(before);
  });

  test("that are read again and have changed are refused, or read as they are now on request", () => {
    const inputs = { before, now: now({ "/b": { size: 11 }, "/c": { version: "2" } }) };
    expect(plan({ script, nodes, inputs }).refusals).toMatchObject([
      { node: "A", reason: "/b is not what it was when run 1 was started" },
    ]);
    const planned = plan({ script, nodes, inputs }, BOTH, true);
    expect(planned.refusals).toEqual([]);
    expect(planned.steps[0]?.units).toMatchObject([
      { unit: 1, reason: "failed in run 1: bad cell; its file changed" },
      { unit: 2, reason: "its file changed" },
    ]);
    expect(retryRun(factsOf({ script, nodes, inputs }), planned).inputs).toEqual(inputs.now);
  });

  test("that are gone are said to be gone; what was missing then may be there now", () => {
    const gone = { before, now: now({ "/b": { missing } }) };
    expect(plan({ script, nodes, inputs: gone }).refusals[0]?.reason).toContain("/b is gone");
    const arrived = { before: now({ "/b": { missing } }), now: before };
    const planned = plan({ script, nodes, inputs: arrived });
    expect(planned.refusals).toEqual([]);
    expect(retryRun(factsOf({ script, nodes, inputs: arrived }), planned).inputs).toEqual(before);
  });

  test("that the retried run never had are taken as they are now", () => {
    const inputs = { before, now: [...before, aFile("A", "/d")] };
    const planned = plan({ script, nodes, inputs });
    expect(retryRun(factsOf({ script, nodes, inputs }), planned).inputs).toEqual(inputs.now);
  });

  test("that changed after a success are read again on request, those of large files all of them", () => {
    const inputs = { before, now: now({ "/b": { version: "2" } }) };
    const whole = [begun("A", "success", { rows: "sss" }, { manifest: "m" })];
    expect(plan({ script, nodes: whole, inputs }).steps[0]?.action).toBe("adopt");
    expect(plan({ script, nodes: whole, inputs }, BOTH, true).steps[0]).toMatchObject({
      action: "continue",
      units: [{ unit: 1, reason: "its file changed" }],
    });
    const split = [begun("A", "success", { split: "sss", rows: "ssss" }, { manifest: "m" })];
    expect(plan({ script, nodes: split, inputs }, BOTH, true).steps[0]?.action).toBe("execute");
  });

  test("of ranges are those whose ranges are read, or all of them while they are still to be split", () => {
    const ranges = (counts: readonly number[]): NonNullable<UnitsByPhase["split"]> =>
      counts.map((ranges, unit) => ({
        unit,
        record: aUnit(`s${unit}`, { outcome: anOutcome(0, { ranges }) }),
      }));
    const node = begun("A", "fail", { split: "sss", rows: "sssfs" });
    const split = { ...node, units: { ...node.units, split: ranges([2, 2, 1]) } };
    const inputs = { before, now: now({ "/b": { version: "2" }, "/c": { version: "2" } }) };
    expect(plan({ script, nodes: [split], inputs }).refusals.map(({ reason }) => reason)).toEqual([
      "/b is not what it was when run 1 was started",
    ]);
    const early = begun("A", "stopreceived", { split: "s--", rows: "---" });
    expect(plan({ script, nodes: [early], inputs }).refusals).toHaveLength(2);
    const finish = begun("A", "fail", { rows: "sss", finish: "f" });
    expect(plan({ script, nodes: [finish], inputs }).refusals).toEqual([]);
  });
});

const indexed = <Node extends TableWriterNode>(node: Node): Node => ({
  ...node,
  writer: { ...node.writer, indexes: [anIndex(`idx_${node.name}`)] },
});

/** A script of up to seven nodes, each reading one or two earlier ones, and how a run of it might have ended. */
const runs = fc
  .array(
    fc.record({
      left: fc.nat(),
      right: fc.nat(),
      fate: fc.constantFrom("success", "fail", "stop"),
      letters: fc.stringMatching(/^[sfr-]{1,4}$/),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((drafts): Given => {
    const names = drafts.map((_, at) => `N${at}`);
    const nodes = drafts.map(({ left, right }, at): ScriptNode => {
      const name = names[at] ?? "";
      if (at === 0) return indexed(aFileTable(name));
      const [one, two] = [names[left % at] ?? "", names[right % at] ?? ""];
      return indexed(
        one === two ? aTableTable(name, one) : aLookup(name, { left: one, right: two }),
      );
    });
    const script = aScript(nodes);
    const ended = new Map<string, RetriedNode>();
    for (const [at, { fate, letters }] of drafts.entries()) {
      const name = names[at] ?? "";
      const sources = sourceNodes(script, script.nodes[at] as ScriptNode);
      const isReady = sources.every((source) => ended.get(source)?.record.state === "success");
      if (!isReady) ended.set(name, never(name, fate === "stop" ? "stopreceived" : "skipped"));
      else if (fate === "success") ended.set(name, succeeded(name));
      else
        ended.set(name, begun(name, fate === "fail" ? "fail" : "stopreceived", { rows: letters }));
    }
    return { script, nodes: [...ended.values()] };
  });

const sizes: fc.Arbitrary<RetrySize> = fc.oneof(
  fc.record({
    kind: fc.constant("unfinished" as const),
    failed: fc.boolean(),
    missing: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("nodes" as const),
    nodes: fc.array(
      fc.nat({ max: 6 }).map((at) => `N${at}`),
      { minLength: 1, maxLength: 2 },
    ),
    below: fc.boolean(),
  }),
  fc.constant({ kind: "all" as const }),
);

const EXECUTED = ["execute", "continue"];

test("W16 nothing is taken over that reads what is executed again or left out", () => {
  fc.assert(
    fc.property(runs, sizes, (given, size) => {
      const facts = factsOf(given);
      const { steps, refusals } = planRetry(facts, { size, changedFiles: false });
      const byNode = new Map(steps.map((step) => [step.node, step]));
      const refused = new Set(refusals.map(({ node }) => node));
      for (const { node, action } of steps) {
        const named = given.script.nodes.find(({ name }) => name === node) as ScriptNode;
        const sources = sourceNodes(given.script, named).map(
          (source) => byNode.get(source)?.action,
        );
        if (action === "adopt" || action === "continue")
          expect(sources.every((source) => source === "adopt")).toBe(true);
        if (action === "execute" && sources.includes("leave")) expect(refused).toContain(node);
      }
    }),
  );
});

test("W17 every unit of a node that goes on is either committed and taken over, or executed", () => {
  fc.assert(
    fc.property(runs, (given) => {
      const { steps } = plan(given);
      for (const { node, action, units, adopted } of steps) {
        if (action !== "continue") continue;
        const retried = factsOf(given).nodes.get(node);
        const total = retried?.record.plan?.phases[0]?.units ?? 0;
        const committed = (retried?.units.rows ?? []).filter(
          ({ record }) => record.outcome !== undefined,
        );
        expect(units.length + adopted).toBe(total);
        expect(adopted).toBe(committed.length);
        const again = new Set(units.map(({ unit }) => unit));
        expect(committed.some(({ unit }) => again.has(unit))).toBe(false);
      }
    }),
  );
});

test("W18 a retry that succeeded leaves nothing to do, and one that did not leaves what still has no result", () => {
  fc.assert(
    fc.property(runs, fc.boolean(), (given, succeeds) => {
      const { steps } = plan(given);
      const after = steps.map(({ node, action, units }): RetriedNode => {
        if (succeeds || !EXECUTED.includes(action)) return succeeded(node);
        const total = factsOf(given).nodes.get(node)?.record.plan?.phases[0]?.units ?? 2;
        const failing = new Set(units.map(({ unit }) => unit));
        const letters = Array.from({ length: total }, (_, unit) =>
          failing.size === 0 || failing.has(unit) ? "f" : "s",
        );
        return begun(node, "fail", { rows: letters.join("") });
      });
      const again = plan({ ...given, nodes: after });
      if (succeeds) expect(hasWork(again)).toBe(false);
      else
        expect(actions(again)).toMatchObject(
          Object.fromEntries(
            steps.filter(({ action }) => action === "adopt").map(({ node }) => [node, "adopt"]),
          ),
        );
    }),
  );
});

test(
  EXECUTED.join(" and ") + " are what a retry does; nodes that are left out are not part of it",
  () => {
    fc.assert(
      fc.property(runs, sizes, (given, size) => {
        const facts = factsOf(given);
        const planned = planRetry(facts, { size, changedFiles: false });
        const run = retryRun(facts, planned);
        expect(run.executed.length > 0).toBe(hasWork(planned));
        expect(run.affected).toEqual(
          facts.affected.filter((node) => actions(planned)[node] !== "leave"),
        );
      }),
    );
  },
);
