import { describe, expect, test } from "vitest";
import {
  concernsNode,
  laterDecision,
  openLayer,
  pageText,
  partOf,
  readAppliedDecisions,
  readDecisionContent,
  readPage,
} from "./corrections.ts";

const source = { node: "A", input: "i1", file: "a.csv" };

test("the last decision about a row counts, and corrections of other cells of it add up", () => {
  expect(laterDecision({ id: "1" }, { id: "2" })).toEqual({ id: "2" });
  expect(laterDecision({ id: "1" }, { name: "a" })).toEqual({ id: "1", name: "a" });
  expect(laterDecision({ id: "1" }, "waived")).toBe("waived");
  expect(laterDecision("waived", { id: "1" })).toEqual({ id: "1" });
  expect(laterDecision(undefined, { id: "1" })).toEqual({ id: "1" });
});

test("a page holds what it was made of, and is known by its lines", () => {
  const page = { ...source, rows: [[3, { id: "1" }] as const, [7, "waived"] as const] };
  expect(readPage(pageText([page]))).toEqual([page]);
  expect(partOf(page)).toEqual({ ...source, first: 3, last: 7, corrected: 1, waived: 1 });
});

describe("a run goes on with what it has not applied yet", () => {
  const decision = { id: "d1", document: "h1" };

  test.each([
    ["a decision that is new", [], undefined, { document: "h1" }],
    ["of it what concerns a node", [], "A", { document: "h1", node: "A" }],
    ["nothing of one that is applied", [{ id: "d1" }], undefined, undefined],
    ["the rest of one", [{ id: "d1", node: "A" }], undefined, { document: "h1", except: ["A"] }],
    ["the other node of one", [{ id: "d1", node: "A" }], "B", { document: "h1", node: "B" }],
    ["nothing about a node that has it", [{ id: "d1", node: "A" }], "A", undefined],
    ["a decision beside others", [{ id: "d2" }], undefined, { document: "h1" }],
  ])("%s", (_, applied, node, layer) => {
    expect(openLayer(decision, applied, node)).toEqual(layer);
  });

  test("a layer says something about the nodes that it is not restricted to", () => {
    const nodes = (layer: object) =>
      ["A", "B"].filter((node) => concernsNode({ document: "h1", ...layer }, node));
    expect(nodes({})).toEqual(["A", "B"]);
    expect(nodes({ node: "A" })).toEqual(["A"]);
    expect(nodes({ except: ["A"] })).toEqual(["B"]);
  });
});

describe("documents of older versions are a page of their own", () => {
  const rule = { ...source, reason: "CELL_INVALID" };
  const other = { ...source, file: "b.csv" };
  const rows = [
    { ...source, rows: [[3, { id: "1" }] as const, [9, { id: "2" }] as const] },
    { ...other, rows: [[4, "waived"] as const] },
  ];
  const waived = [{ ...other, line: 4 }, rule];
  const corrected = [
    { ...source, line: 9, values: { id: "2" } },
    { ...source, line: 3, values: { id: "1" } },
  ];
  const sources = [{ ...source, rows: (rows[0]?.rows ?? []).toReversed() }];

  test.each([
    ["rows as they are", { corrected, waived }],
    ["rows below their source", { sources, waived, decisions: [{ id: "d1" }] }],
  ])("%s", (_, document) => {
    const text = JSON.stringify(document);
    expect(readPage(text)).toEqual(rows);
    expect(readDecisionContent("h1", text)).toEqual({
      pages: [{ document: "h1", parts: rows.map(partOf) }],
      rules: [rule],
    });
    expect(readAppliedDecisions("h1", text)).toEqual({
      layers: [{ document: "h1" }],
      decisions: "decisions" in document ? document.decisions : [],
    });
  });

  test("rules alone have no page", () => {
    const text = JSON.stringify({ sources: [], waived: [rule] });
    expect(readDecisionContent("h1", text)).toEqual({ pages: [], rules: [rule] });
  });
});
