import { expect, test } from "vitest";
import { affectedNodes, topologicalNodes } from "./affected-nodes.ts";
import {
  aDistinct,
  aFileTable,
  aLookup,
  aScript,
  aTableFile,
  aTableTable,
} from "./test-support/build.ts";

const join = aLookup("C", { left: "A", right: "B" });
const manual = { startPolicy: "manual" } as const;

test("a join behind a manual node is not affected when only the other side is started", () => {
  const script = aScript([aFileTable("A"), aDistinct("B", "A", manual), join]);
  expect(affectedNodes(script, ["A"])).toEqual(["A"]);
});

test("starting the manual node affects it and what reads it", () => {
  const script = aScript([aFileTable("A"), aDistinct("B", "A", manual), join]);
  expect(affectedNodes(script, ["B"])).toEqual(["B", "C"]);
});

test("naming both sides affects everything", () => {
  const script = aScript([aFileTable("A"), aDistinct("B", "A", manual), join]);
  expect(affectedNodes(script, ["B", "A"])).toEqual(["A", "B", "C"]);
});

test("automatic nodes below a start node are all affected", () => {
  const script = aScript([aFileTable("A"), aDistinct("B", "A"), join]);
  expect(affectedNodes(script, ["A"])).toEqual(["A", "B", "C"]);
});

test("a node below a blocked one is blocked too, unless it was named", () => {
  const script = aScript([
    aFileTable("A"),
    aTableTable("B", "A", manual),
    aTableTable("C", "B"),
    aTableFile("D", "C"),
  ]);
  expect(affectedNodes(script, ["A"])).toEqual(["A"]);
  expect(affectedNodes(script, ["A", "C"])).toEqual(["A", "C", "D"]);
});

test("a lookup source outside of what the start nodes reach does not block", () => {
  const script = aScript([aFileTable("A"), aFileTable("X"), aDistinct("B", "X"), join]);
  expect(affectedNodes(script, ["A"])).toEqual(["A", "C"]);
});

test("unknown start names are passed over", () => {
  expect(affectedNodes(aScript([aFileTable("A")]), ["A", "nobody"])).toEqual(["A"]);
});

test("sources come before readers whatever the order of the script", () => {
  const script = aScript([join, aDistinct("B", "A"), aFileTable("A"), aFileTable("Z")]);
  expect(topologicalNodes(script)).toEqual(["A", "Z", "B", "C"]);
  expect(affectedNodes(script, ["A"])).toEqual(["A", "B", "C"]);
});

test("nodes of a cycle are left out of the order", () => {
  const script = aScript([aTableTable("P", "Q"), aTableTable("Q", "P"), aFileTable("A")]);
  expect(topologicalNodes(script)).toEqual(["A"]);
});
