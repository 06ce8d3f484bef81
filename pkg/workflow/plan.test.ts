import * as fc from "fast-check";
import { expect, test } from "vitest";
import { plan, type PhaseCounts, type WorkflowState } from "./plan.ts";
import type { NodeRecord, NodeState, RunRecord } from "./records.ts";
import { aFileTable, aNode, aRun, aScript, aTableFile, aTableTable } from "./test-support/build.ts";

const script = aScript([aFileTable("A"), aTableTable("B", "A"), aTableFile("F", "B")]);
const affected = ["A", "B", "F"];

function state(
  nodes: Readonly<Record<string, Partial<NodeRecord> & { readonly state: NodeState }>>,
  more: { readonly run?: Partial<RunRecord>; readonly counts?: Record<string, PhaseCounts> } = {},
): WorkflowState {
  return {
    script,
    run: aRun(1, { affected, ...more.run }),
    nodes: affected.map((name) => aNode(1, name, nodes[name] ?? {})),
    others: [],
    counts: new Map(Object.entries(more.counts ?? {})),
  };
}

const running = (phase = 0): Partial<NodeRecord> & { readonly state: NodeState } => ({
  state: "running",
  phase,
  plan: {
    phases: [
      { name: "split", units: 2 },
      { name: "rows", units: 3 },
    ],
    batches: 3,
    partitions: 1,
  },
});

test("a new run opens its roots and lets the others wait with a reason", () => {
  expect(plan(state({}))).toMatchObject([
    { kind: "open", node: "A", sources: [] },
    { kind: "wait", node: "B" },
    { kind: "wait", node: "F" },
  ]);
});

test("a wait that is already said is not said again", () => {
  const [, wait] = plan(state({}));
  const reason = wait?.kind === "wait" ? wait.reason : "";
  const again = plan(state({ B: { state: "waiting", reason } }));
  expect(again.map(({ kind }) => kind)).toEqual(["open", "wait"]);
});

test("T-18: a node fails once more rows are rejected than it may have, as soon as no unit is in work", () => {
  const rejects = { records: true, rows: false, max: 1 };
  const limited = aScript([
    aFileTable("A", { rejects }),
    aTableTable("B", "A"),
    aTableFile("F", "B"),
  ]);
  const step = (counts: Partial<PhaseCounts>) =>
    plan({
      ...state({ A: running(1) }, { counts: { A: { succeeded: 1, failed: 0, ...counts } } }),
      script: limited,
    }).find((action) => "node" in action && action.node === "A");
  expect(step({})).toBeUndefined();
  expect(step({ rejected: 1 })).toBeUndefined();
  expect(step({ rejected: 2, inWork: 1 })).toBeUndefined();
  expect(step({ rejected: 2, inWork: 0 })).toMatchObject({
    kind: "fail",
    cause: { code: "REJECTED_LIMIT", message: "node A: more than 1 row was rejected" },
  });
  expect(step({ rejected: 2 })).toMatchObject({ kind: "fail" });
});

test("a phase ends when all its units are final", () => {
  const at = (phase: number, succeeded: number, failed: number) =>
    plan(state({ A: running(phase) }, { counts: { A: { succeeded, failed } } })).find(
      (action) => "node" in action && action.node === "A",
    )?.kind;
  expect(at(0, 1, 0)).toBeUndefined();
  expect(at(0, 2, 0)).toBe("nextPhase");
  expect(at(1, 3, 0)).toBe("conclude");
  expect(at(1, 2, 0)).toBeUndefined();
  expect(at(1, 2, 1)).toBe("failUnits");
});

test("a running node without counts or with a phase beyond its plan has no step", () => {
  const kinds = (node: Partial<NodeRecord> & { readonly state: NodeState }) =>
    plan(state({ A: node, B: { state: "success" }, F: { state: "success" } }));
  expect(kinds(running())).toEqual([]);
  expect(kinds({ state: "running" })).toEqual([]);
  expect(kinds(running(9))).toEqual([]);
});

test("repeats for lost files count as units of the rows phase", () => {
  const lost = [{ unit: 0, token: "t" }];
  const kinds = (succeeded: number) =>
    plan(
      state(
        { A: { ...running(1), lost }, B: { state: "success" }, F: { state: "success" } },
        { counts: { A: { succeeded, failed: 0 } } },
      ),
    ).map(({ kind }) => kind);
  expect(kinds(3)).toEqual([]);
  expect(kinds(4)).toEqual(["conclude"]);
});

test("a node that publishes is published, also by others", () => {
  const actions = plan(
    state({ A: { state: "success" }, B: { state: "success" }, F: { state: "publishing" } }),
  );
  expect(actions).toEqual([{ kind: "publish", node: "F" }]);
});

test("a failed source skips its reader, a source that never ran fails it", () => {
  expect(plan(state({ A: { state: "fail" } }))[0]).toMatchObject({ kind: "skip", node: "B" });
  const orphan = {
    ...state({}),
    run: aRun(1, { affected: ["B"] }),
    nodes: [aNode(1, "B")],
  };
  expect(plan(orphan)).toMatchObject([{ kind: "fail", node: "B" }]);
});

test("the run completes when all counted nodes are final, and tells how", () => {
  const outcome = (a: NodeState, b: NodeState, f: NodeState) =>
    plan(state({ A: { state: a }, B: { state: b }, F: { state: f } }));
  expect(outcome("success", "success", "success")).toEqual([
    { kind: "complete", outcome: "succeeded" },
  ]);
  expect(outcome("success", "fail", "skipped")).toEqual([{ kind: "complete", outcome: "partly" }]);
  expect(outcome("fail", "skipped", "skipped")).toEqual([{ kind: "complete", outcome: "failed" }]);
});

test("nodes that the run does not execute stay none and do not count", () => {
  const only = state({ A: { state: "success" } }, { run: { onlyNodes: ["A"] } });
  expect(plan(only)).toEqual([{ kind: "complete", outcome: "succeeded" }]);
  const stopped = state({}, { run: { onlyNodes: ["A"], state: "stopped" } });
  expect(plan(stopped)).toEqual([{ kind: "stop", node: "A" }]);
});

test("W1 a stopped run only finalises, an ended one does nothing", () => {
  const nodes = { A: { state: "success" }, B: running(), F: { state: "waiting" } } as const;
  expect(plan(state(nodes, { run: { state: "stopped" } }))).toEqual([
    { kind: "stop", node: "B" },
    { kind: "stop", node: "F" },
  ]);
  expect(plan(state(nodes, { run: { state: "complete" } }))).toEqual([]);
});

test("W5 a state decides its steps, and at most one a node", () => {
  const states: readonly NodeState[] = [
    "none",
    "waiting",
    "running",
    "publishing",
    "success",
    "fail",
    "stopreceived",
    "skipped",
  ];
  const anyState = fc.constantFrom(...states);
  const runState = fc.constantFrom("running" as const, "complete" as const, "stopped" as const);
  fc.assert(
    fc.property(anyState, anyState, anyState, runState, (a, b, f, run) => {
      const made = () =>
        state({ A: { state: a }, B: { state: b }, F: { state: f } }, { run: { state: run } });
      const actions = plan(made());
      expect(plan(made())).toEqual(actions);
      const nodes = actions.flatMap((action) => ("node" in action ? [action.node] : []));
      expect(new Set(nodes).size).toBe(nodes.length);
    }),
  );
});
