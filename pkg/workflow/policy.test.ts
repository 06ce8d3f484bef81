import { describe, expect, test } from "vitest";
import { evaluatePolicy, type DependencyEvent } from "./policy.ts";
import { NODE_CODES, RUN_CODES } from "./status.ts";
import { newestPolicy, newestPolicy116 } from "./test-support/build.ts";

type RunName = "start" | "complete" | "stop";
type NodeName = keyof typeof NODE_CODES;

/** run, run status, node status; `*` marks the current run. Runs start in their order, their nodes a moment later. */
function events(...lines: readonly [string, RunName, NodeName][]): readonly DependencyEvent[] {
  return lines.map(([text, runState, nodeState]) => {
    const run = Number.parseInt(text, 10);
    return {
      run,
      isCurrent: text.endsWith("*"),
      runStatus: RUN_CODES[runState],
      nodeStatus: NODE_CODES[nodeState],
      runStartedAt: run * 1000,
      nodeStartedAt: nodeState === "none" ? undefined : run * 1000 + 1,
    };
  });
}

interface Row {
  readonly row: string;
  readonly events: readonly DependencyEvent[];
  /** command, run, rule; run and rule -1 when no rule matches. */
  readonly latest: readonly [string, number, number];
  readonly v116: readonly [string, number, number];
}

const same = (command: string, run: number, rule: number) => ({
  latest: [command, run, rule] as const,
  v116: [command, run, rule] as const,
});

const ROWS: readonly Row[] = [
  {
    row: "1 single run succeeded",
    events: events(["1*", "start", "success"]),
    ...same("go", 1, 0),
  },
  { row: "2 not begun", events: events(["1*", "start", "none"]), ...same("wait", 1, 1) },
  { row: "3 in progress", events: events(["1*", "start", "start"]), ...same("wait", 1, 2) },
  { row: "4 failed in this run", events: events(["1*", "start", "fail"]), ...same("nogo", 1, 3) },
  {
    row: "5 an earlier complete run",
    events: events(["1", "complete", "success"]),
    ...same("go", 1, 7),
  },
  { row: "6 an earlier failure", events: events(["1", "complete", "fail"]), ...same("nogo", 1, 8) },
  {
    row: "7 the newest wins",
    events: events(["1", "complete", "success"], ["2", "complete", "success"]),
    ...same("go", 2, 7),
  },
  {
    row: "8 the newest was invalidated",
    events: events(["1", "complete", "success"], ["2", "stop", "success"]),
    latest: ["nogo", 2, 9],
    v116: ["go", 1, 7],
  },
  {
    row: "9 repaired by a newer run",
    events: events(
      ["1", "complete", "success"],
      ["2", "stop", "success"],
      ["4", "complete", "success"],
    ),
    ...same("go", 4, 7),
  },
  {
    row: "10 this run makes it again",
    events: events(["1", "complete", "success"], ["2*", "start", "none"]),
    ...same("wait", 2, 1),
  },
  {
    row: "11 a newer run has not begun it",
    events: events(["1", "complete", "success"], ["3", "start", "none"]),
    latest: ["wait", 3, 5],
    v116: ["go", 1, 7],
  },
  {
    row: "11b a newer run has begun it",
    events: events(["1", "complete", "success"], ["3", "start", "start"]),
    ...same("wait", 3, 6),
  },
  {
    row: "11c a newer run has finished it",
    events: events(["1", "complete", "success"], ["3", "start", "success"]),
    ...same("go", 3, 4),
  },
  {
    row: "12 a newer running run failed",
    events: events(["1", "complete", "success"], ["3", "start", "fail"]),
    ...same("go", 1, 7),
  },
  {
    row: "12b the newer run has completed",
    events: events(["1", "complete", "success"], ["3", "complete", "fail"]),
    ...same("nogo", 3, 8),
  },
  {
    row: "13 a run listed it and never ran it",
    events: events(["1", "complete", "success"], ["2", "complete", "none"]),
    ...same("go", 1, 7),
  },
  {
    row: "14 nothing but such a run (nogo in both, design 4.2 b)",
    events: events(["2", "complete", "none"]),
    ...same("nogo", -1, -1),
  },
  {
    row: "15 stop received in this run",
    events: events(["1*", "start", "stopreceived"]),
    latest: ["wait", -1, -1],
    v116: ["nogo", -1, -1],
  },
];

const answer = (policy: typeof newestPolicy, events: readonly DependencyEvent[]) => {
  const { command, run = -1, rule } = evaluatePolicy(policy, events);
  return [command, run, rule];
};

describe("the policy every script carries, by the worked examples of the specification", () => {
  for (const { row, events, latest, v116 } of ROWS) {
    test(`row ${row}, latest`, () => expect(answer(newestPolicy, events)).toEqual(latest));
    test(`row ${row}, 1.1.6`, () => expect(answer(newestPolicy116, events)).toEqual(v116));
  }
});

test("the evidence names the events looked at, the policy and the rule", () => {
  const { evidence } = evaluatePolicy(
    newestPolicy,
    events(["1", "complete", "success"], ["2*", "start", "stopreceived"]),
  );
  expect(evidence).toEqual([
    "run 2 (this run) is start, node is stopreceived",
    "run 1 is complete, node is success",
    'policy "newest", rule 7: go',
  ]);
});

test("events that the order calls equal are taken newest run first", () => {
  const policy = { ...newestPolicy, order: [] };
  const both = events(["1", "complete", "success"], ["2", "complete", "success"]);
  expect(evaluatePolicy(policy, both).run).toBe(2);
  expect(evaluatePolicy(policy, both.toReversed()).run).toBe(2);
});

test("an ascending order takes the oldest run first", () => {
  const order = [{ field: "run_id", type: "int", descending: false, ignoreCase: false } as const];
  const both = events(["2", "complete", "success"], ["1", "complete", "success"]);
  expect(evaluatePolicy({ ...newestPolicy, order }, both).run).toBe(1);
});

test("every field of the 1.1.6 events can be used, absent times being the year 1", () => {
  const expression = [
    "e.run_id == 7",
    "e.run_start_ts < e.run_completed_ts",
    "e.run_stopped_ts < e.run_start_ts",
    "e.node_is_started",
    "e.node_start_ts < e.node_status_ts",
    "e.run_final_status == wfmodel.RunComplete",
  ].join(" && ");
  const policy = { ...newestPolicy116, order: [], rules: [{ command: "go", expression } as const] };
  const [event] = events(["7", "complete", "success"]);
  const full = { ...(event as DependencyEvent), runCompletedAt: 9000, nodeStatusAt: 8000 };
  expect(evaluatePolicy(policy, [full]).command).toBe("go");
});

test("every status has its name, those of a policy that never match included", () => {
  const names = ["RunNone", "RunStop"].map((name) => `nrs.run_status == wfmodel.${name}`);
  const nodes = ["None", "Start", "Success", "Fail", "RunStopReceived"].map(
    (name) => `nrs.node_status == wfmodel.NodeBatch${name}`,
  );
  const expression = [...names, ...nodes].join(" || ");
  const policy = { ...newestPolicy, rules: [{ command: "go", expression } as const] };
  for (const status of Object.keys(NODE_CODES) as NodeName[])
    expect(evaluatePolicy(policy, events(["1", "start", status])).command).toBe("go");
});

test("a rule over a field of the other vocabulary is refused", () => {
  const rules = [{ command: "go", expression: "e.run_id > 0" } as const];
  expect(() =>
    evaluatePolicy({ ...newestPolicy, rules }, events(["1", "start", "none"])),
  ).toThrow();
});

test("a rule that fails on an event names policy, rule and event", () => {
  const expression = "10 / nrs.node_status > 0";
  const rules = [newestPolicy.rules[0] as never, { command: "go", expression } as const];
  expect(() => evaluatePolicy({ ...newestPolicy, rules }, events(["1", "start", "none"]))).toThrow(
    /^policy "\w+", rule 1, run 1 is start, node is none: division by zero/,
  );
});

test("an order over a field that events do not have is refused", () => {
  const order = [{ field: "nobody", type: "int", descending: false, ignoreCase: false } as const];
  expect(() => evaluatePolicy({ ...newestPolicy, order }, events(["1", "start", "none"]))).toThrow(
    'no field "nobody"',
  );
});
