import { expect, test } from "vitest";
import { planStart, type StartFacts } from "./start-plan.ts";
import type { RunState } from "./records.ts";
import {
  aFileTable,
  aLookup,
  aNode,
  anIndex,
  aRun,
  aScript,
  aTableFile,
  aTableTable,
  constants,
} from "./test-support/build.ts";

const right = aFileTable("R");
const script = aScript([
  aFileTable("A"),
  { ...right, writer: { ...right.writer, indexes: [anIndex("idx_R")] } },
  aTableTable("B", "A", { reader: { table: "t_A", batches: 4, rowsetSize: 10 } }),
  aLookup("J", { left: "B", right: "R" }),
  aTableFile("F", "J", { startPolicy: "manual" }),
]);

const given = (changes: Partial<StartFacts> = {}): StartFacts => ({
  script,
  startNodes: ["A"],
  run: 3,
  startedAt: 0,
  constants,
  inputs: [{ node: "A", url: "/in/a.csv", size: 10, version: "1" }],
  others: [],
  ...changes,
});

const other = (run: number, state: RunState) => ({
  run: aRun(run, { state, affected: ["R"] }),
  nodes: [aNode(run, "R", { state: state === "running" ? "running" : "success" })],
});

test("every node has an action, a reason and its batches as far as they are known", () => {
  const steps = planStart(given({ others: [other(2, "complete")] }));
  expect(steps).toEqual([
    { node: "A", action: "execute", reason: "start node", batches: 1, problems: [] },
    { node: "R", action: "leave", reason: 'not reached from "A"', problems: [] },
    { node: "B", action: "execute", reason: 'reads "A"', batches: 4, problems: [] },
    { node: "J", action: "execute", reason: 'reads "B"; reads "R" of run 2', problems: [] },
    {
      node: "F",
      action: "leave",
      reason: "start policy manual: runs when it is named with --start",
      problems: [],
    },
  ]);
});

test("a table that no run has, a run that still makes it, and one that was stopped are said", () => {
  const problemOf = (others: StartFacts["others"]): string =>
    planStart(given({ others }))[3]?.problems.join() ?? "";
  expect(problemOf([])).toContain('node "R" has not been part of any run');
  expect(problemOf([other(2, "running")])).toContain('waits for node "R" of run 2');
  expect(problemOf([other(2, "stopped")])).toContain('may not read node "R"');
});

test("missing files are problems; large files have as many batches as ranges", () => {
  const missing = {
    code: "FILE_MISSING",
    message: "/in/a.csv is missing",
    hint: "",
    retryable: false,
    facts: {},
  } as const;
  const absent = [{ node: "A", url: "/in/a.csv", size: 0, version: "", missing }];
  expect(planStart(given({ inputs: absent }))[0]?.problems).toEqual(["/in/a.csv is missing"]);
  const large = [{ node: "A", url: "/in/a.csv", size: 10 ** 9, version: "1" }];
  expect(planStart(given({ inputs: large }))[0]).not.toHaveProperty("batches");
  const manual = planStart(given({ startNodes: ["A", "R", "F"] }));
  expect(manual.map(({ action }) => action)).toEqual(Array(5).fill("execute"));
  expect(manual[4]).toMatchObject({ batches: 1, reason: "start node" });
});
