import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NodeState, RunState } from "./records.ts";
import {
  NODE_TRANSITIONS,
  RUN_TRANSITIONS,
  UNIT_TRANSITIONS,
  type NodeEvent,
  type Outcome,
  type RunEvent,
  type UnitEvent,
  type UnitStep,
} from "./transitions.ts";

const spec = readFileSync(join(import.meta.dirname, "SPEC.md"), "utf8");

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The first table below a heading of SPEC.md, as state → event → outcome. */
function tableOf(heading: string): Table {
  const section = spec.slice(spec.indexOf(`## ${heading}\n`)).split("\n## ")[0] ?? "";
  const [head = [], , ...rows] = section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return Object.fromEntries(
    rows.map(([state = "", ...cells]) => [
      state,
      Object.fromEntries(cells.map((cell, at) => [head[at + 1], cell])),
    ]),
  );
}

test("W2 SPEC.md and the transition tables say the same, and final states have no way out", () => {
  const runs: Record<RunState, Record<RunEvent, Outcome<RunState>>> = RUN_TRANSITIONS;
  const nodes: Record<NodeState, Record<NodeEvent, Outcome<NodeState>>> = NODE_TRANSITIONS;
  const units: Record<UnitStep, Record<UnitEvent, Outcome<UnitStep>>> = UNIT_TRANSITIONS;
  expect(tableOf("Runs")).toEqual(runs);
  expect(tableOf("Nodes")).toEqual(nodes);
  expect(tableOf("Units")).toEqual(units);
  for (const state of ["success", "fail", "stopreceived", "skipped"] as const)
    expect(new Set(Object.values(nodes[state]))).toEqual(new Set(["refused"]));
});

test("every invariant of SPEC.md is named by a test, and tests name no other", () => {
  const stated = [...spec.matchAll(/^\| (W\d+) /gm)].map(([, number]) => number);
  const folders = ["", "retry", "../control"].map((name) => join(import.meta.dirname, name));
  const texts = folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => readFileSync(path, "utf8"));
  const names = [...texts.join("\n").matchAll(/(?:test|describe)\(\s*"([^"]*)"/g)];
  const named = new Set(names.flatMap(([, name = ""]) => name.match(/\bW\d+\b/g) ?? []));
  expect(named).toEqual(new Set(stated));
});
