import { expect, test } from "vitest";
import type { DependencyPolicy } from "#pkg/script";
import { decideSources, eventOf, type RunFacts } from "./verdict.ts";
import type { NodeState, RunState } from "./records.ts";
import {
  aDistinct,
  aFileTable,
  aLookup,
  aNode,
  aRun,
  aScript,
  aTableTable,
  newestPolicy,
} from "./test-support/build.ts";

const facts = (
  run: number,
  state: RunState,
  nodes: Readonly<Record<string, NodeState>>,
): RunFacts => ({
  run: aRun(run, { state, affected: Object.keys(nodes) }),
  nodes: Object.entries(nodes).map(([node, state]) => aNode(run, node, { state })),
});

const node = aTableTable("B", "A");
const script = aScript([aFileTable("A"), node]);
const always = (command: "go" | "wait" | "nogo"): DependencyPolicy => ({
  ...newestPolicy,
  rules: [{ command, expression: "nrs.run_id > 0" }],
});

const decide = (current: RunFacts, others: readonly RunFacts[] = [], policy = newestPolicy) =>
  decideSources(node, { script: aScript(script.nodes, [policy]), current, others });

test("a node that reads no table may always begin", () => {
  const current = facts(1, "running", { A: "none" });
  expect(decideSources(aFileTable("A"), { script, current, others: [] })).toEqual({
    kind: "go",
    sources: [],
    evidence: [],
    warnings: [],
  });
});

test("go names the run whose table is read, with the evidence", () => {
  const decision = decide(facts(1, "running", { A: "success", B: "none" }));
  expect(decision).toMatchObject({
    kind: "go",
    sources: [{ run: 1, node: "A", state: "success" }],
    warnings: [],
  });
});

test("an explicit wait says which node, run and rule it waits for", () => {
  const decision = decide(facts(1, "running", { A: "running", B: "none" }));
  expect(decision).toMatchObject({
    kind: "wait",
    reason:
      'waits for node "A" of run 1 (run 1 (this run) is start, node is start; policy "newest", rule 2: wait)',
    awaits: [1],
  });
});

test("when no rule matches it waits for the runs that have not ended", () => {
  const others = [facts(2, "complete", { A: "none" }), facts(3, "running", { A: "stopreceived" })];
  const decision = decide(facts(4, "running", { B: "none" }), others);
  expect(decision).toMatchObject({ kind: "wait", awaits: [3] });
});

test("when no rule matches and every run has ended it is refused with the events as cause", () => {
  const decision = decide(facts(4, "running", { B: "none" }), [
    facts(2, "complete", { A: "none" }),
  ]);
  expect(decision).toMatchObject({ kind: "nogo", cause: { code: "DEPENDENCY_NOGO" } });
});

test("row 19: a source that no run affected fails the node and names the start node to add", () => {
  const decision = decide(facts(1, "running", { B: "none" }));
  expect(decision).toMatchObject({
    kind: "fail",
    cause: { code: "SOURCE_MISSING", hint: 'Add "A" to the start nodes, or run it first.' },
  });
});

test("go on a source that is not final counts as wait", () => {
  const decision = decide(facts(1, "running", { A: "running", B: "none" }), [], always("go"));
  expect(decision).toMatchObject({ kind: "wait", awaits: [1] });
});

test("a source whose record nobody has written yet counts as not begun", () => {
  const { run } = facts(1, "running", { A: "none", B: "none" });
  for (const policy of [newestPolicy, always("go")])
    expect(decide({ run, nodes: [aNode(1, "B")] }, [], policy)).toMatchObject({
      kind: "wait",
      awaits: [1],
    });
});

test("an event carries when its run completed, unless it was stopped before", () => {
  const run = aRun(2, { state: "stopped", endedAt: 1500, stoppedAt: 1700 });
  expect(eventOf({ run, nodes: [] }, "A", 3)).toMatchObject({ runStoppedAt: 1700 });
  expect(eventOf({ run, nodes: [] }, "A", 3).runCompletedAt).toBeUndefined();
  const invalidated = { run: { ...run, outcome: "succeeded" } as const, nodes: [] };
  expect(eventOf(invalidated, "A", 3).runCompletedAt).toBe(1500);
});

test("go on a source that its run will never execute is refused", () => {
  const current = facts(2, "running", { B: "none" });
  const ended = decide(current, [facts(1, "complete", { A: "none" })], always("go"));
  expect(ended).toMatchObject({ kind: "nogo", cause: { code: "DEPENDENCY_NOGO" } });
  const { run, nodes } = facts(1, "running", { A: "none" });
  const excluded = decide(current, [{ run: { ...run, onlyNodes: ["X"] }, nodes }], always("go"));
  expect(excluded).toMatchObject({ kind: "nogo" });
});

test("go on a failed source reads its committed batches and says so", () => {
  const decision = decide(facts(1, "running", { A: "fail", B: "none" }), [], always("go"));
  expect(decision).toMatchObject({
    kind: "go",
    warnings: ['reads the committed batches of node "A" of run 1, which is fail'],
  });
});

test("a source that failed in an earlier run is named with that run", () => {
  const { run } = facts(1, "complete", { A: "fail" });
  const cause = {
    code: "CELL_INVALID",
    message: "row 3 is bad",
    hint: "",
    retryable: false,
  } as const;
  const failed = aNode(1, "A", { state: "fail", cause: { ...cause, facts: {} } });
  const decision = decide(facts(2, "running", { B: "none" }), [{ run, nodes: [failed] }]);
  expect(decision).toMatchObject({
    kind: "nogo",
    cause: { message: 'cannot run because node "A" did not succeed in run 1: row 3 is bad' },
  });
});

test("T-07 W6 a failed source is named as the cause, also by nodes further down", () => {
  const why = {
    code: "CELL_INVALID",
    message: "row 3 is bad",
    hint: "",
    retryable: false,
    facts: {},
  } as const;
  const { run } = facts(1, "running", { A: "fail", B: "none", C: "none" });
  const failed = aNode(1, "A", { state: "fail", cause: why });
  const first = decide({ run, nodes: [failed, aNode(1, "B")] });
  if (first.kind !== "nogo") throw new Error(first.kind);
  expect(first.cause.message).toBe('cannot run because node "A" did not succeed: row 3 is bad');
  const skipped = aNode(1, "B", { state: "skipped", cause: first.cause });
  const below = decideSources(aTableTable("C", "B"), {
    script: aScript([...script.nodes, aTableTable("C", "B")]),
    current: { run, nodes: [failed, skipped, aNode(1, "C")] },
    others: [],
  });
  if (below.kind !== "nogo") throw new Error(below.kind);
  expect(below.cause.message).toBe(first.cause.message);
});

test("a rule that fails on an event fails the node", () => {
  const policy: DependencyPolicy = {
    ...newestPolicy,
    rules: [{ command: "go", expression: "1 / (nrs.run_id - nrs.run_id) == 1" }],
  };
  const decision = decide(facts(1, "running", { A: "success", B: "none" }), [], policy);
  expect(decision).toMatchObject({ kind: "fail", cause: { code: "EXPRESSION_ROW" } });
});

const join = aLookup("C", { left: "A", right: "D" });
const joined = aScript([aFileTable("A"), aDistinct("D", "A"), join]);
const decideJoin = (current: RunFacts, others: readonly RunFacts[] = []) =>
  decideSources(join, { script: joined, current, others });

test("row 16: one side going and the other waiting waits", () => {
  const decision = decideJoin(facts(1, "running", { A: "success", D: "running", C: "none" }));
  expect(decision).toMatchObject({ kind: "wait" });
});

test("row 17: both sides may come from different runs", () => {
  const others = [facts(1, "complete", { A: "success" }), facts(3, "complete", { D: "success" })];
  const decision = decideJoin(facts(4, "running", { C: "none" }), others);
  expect(decision).toMatchObject({
    kind: "go",
    sources: [
      { run: 1, node: "A" },
      { run: 3, node: "D" },
    ],
  });
});

test("row 18: nogo outweighs wait", () => {
  const decision = decideJoin(facts(1, "running", { A: "fail", D: "none", C: "none" }));
  expect(decision).toMatchObject({ kind: "nogo" });
});

test("both reasons are told when both sides wait", () => {
  const decision = decideJoin(facts(1, "running", { A: "running", D: "none", C: "none" }));
  expect(decision.kind === "wait" && decision.reason).toMatch(/node "A".*; waits for node "D"/);
});
