import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  laterDecision,
  pageText,
  partOf,
  type DecidedRow,
  type DecisionContent,
  type RowDecision,
} from "#pkg/workflow";
import { openDecidedRows } from "./decided-rows.ts";
import type { SourceDecisions } from "./source-decisions.ts";

const LINES = 30;
const source = { node: "A", input: "i1", file: "a.csv" };
const other = { ...source, node: "B" };

/** Documents of decisions, each a list of pages, and how often one was read. */
function documents() {
  const texts = new Map<string, string>();
  const read: string[] = [];
  const put = (text: string): string => {
    const hash = `h${texts.size}`;
    texts.set(hash, text);
    return hash;
  };
  return {
    read,
    load: (hash: string) => {
      read.push(hash);
      return Promise.resolve(texts.get(hash) ?? "");
    },
    decision: (pages: readonly (readonly DecidedRow[])[], rules: DecisionContent["rules"] = []) =>
      put(
        JSON.stringify({
          pages: pages
            .map((rows) => [
              { ...source, rows },
              { ...other, rows: rows.slice(0, 1) },
            ])
            .map((page) => ({ document: put(pageText(page)), parts: page.map(partOf) })),
          rules,
        }),
      ),
  };
}

/** What whoever goes from line to line finds. */
async function at(rows: SourceDecisions, line: number): Promise<RowDecision | undefined> {
  if (!rows.knows(line)) await rows.learn(line);
  return rows.decision(line);
}

const texts = fc.dictionary(fc.constantFrom("id", "name"), fc.constantFrom("1", "2"), {
  minKeys: 1,
});
const row = fc.tuple(
  fc.integer({ min: 1, max: LINES }),
  fc.oneof(texts, fc.constant("waived" as const)),
);
/** Pages as an upload in any order makes them: a row once, ascending within a page. */
const decision = fc
  .tuple(
    fc.uniqueArray(row, { selector: ([line]) => line, maxLength: 20 }),
    fc.integer({ min: 1, max: 5 }),
  )
  .map(([rows, size]) => {
    const pages: DecidedRow[][] = [];
    for (let at = 0; at < rows.length; at += size)
      pages.push(rows.slice(at, at + size).toSorted(([a], [b]) => a - b));
    return pages;
  });

test("a row is decided about as the layers say, in whatever order its page was written and it is asked for", async () => {
  const lines = fc.array(fc.integer({ min: 0, max: LINES + 2 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(decision, { maxLength: 4 }), lines, async (decisions, asked) => {
      const { decision: put, load } = documents();
      const layers = decisions.map((pages) => ({ document: put(pages) }));
      const expected = new Map<number, RowDecision>();
      for (const [line, next] of decisions.flat(2))
        expected.set(line, laterDecision(expected.get(line), next));
      const decided = await openDecidedRows(layers, load);
      const rows = decided.of(source);
      for (const line of asked) expect(await at(rows, line)).toEqual(expected.get(line));
      for (let line = 1; line <= LINES; line += 1) {
        expect(await at(rows, line)).toEqual(expected.get(line));
        expect(rows.isWaived(line, "X")).toBe(expected.get(line) === "waived");
      }
      const inOrder = [...expected].toSorted(([a], [b]) => a - b);
      const found: DecidedRow[] = [];
      for await (const each of rows.between(0, Number.POSITIVE_INFINITY)) found.push(...each);
      expect(found).toEqual(inOrder);
      const some: DecidedRow[] = [];
      for await (const each of rows.between(5, 9)) some.push(...each);
      expect(some).toEqual(inOrder.filter(([line]) => line >= 5 && line <= 9));
      const { corrected, waived } = await decided.count();
      const ofB = layers.map(({ document }) => ({ document, node: "B" }));
      const ofOther = await (await openDecidedRows(ofB, load)).count();
      expect(corrected + waived - ofOther.corrected - ofOther.waived).toBe(expected.size);
    }),
  );
});

test("layers say what concerns their nodes, and rules waive what is rejected for their reason", async () => {
  const { decision: put, load } = documents();
  const document = put([[[3, { id: "1" }]]], [{ ...source, reason: "CELL_INVALID" }, other]);
  const about = async (layer: object) => {
    const decided = await openDecidedRows([{ document, ...layer }], load);
    return Promise.all(
      [source, other].map(async (each) => {
        const rows = decided.of(each);
        const decision = await at(rows, 3);
        return [decision, rows.isWaived(9, "CELL_INVALID"), rows.isWaived(9, "ANOTHER")];
      }),
    );
  };
  const nothing = [undefined, false, false];
  const [a, b] = [
    [{ id: "1" }, true, false],
    [{ id: "1" }, true, true],
  ];
  expect(await about({})).toEqual([a, b]);
  expect(await about({ node: "A" })).toEqual([a, nothing]);
  expect(await about({ except: ["A"] })).toEqual([nothing, b]);
});

test("P8: whoever asks by line reads each page once, and none that says nothing about the lines", async () => {
  const pages = Array.from({ length: 20 }, (_, page) =>
    [1, 2, 3].map((at): DecidedRow => [page * 10 + at, "waived"]),
  );
  const { decision: put, load, read } = documents();
  const decided = await openDecidedRows([{ document: put(pages) }], load);
  expect(read).toHaveLength(1);
  const rows = decided.of(source);
  for (let line = 101; line < 150; line += 1) await at(rows, line);
  expect(read).toHaveLength(1 + 5);
  expect(await decided.count()).toEqual({ corrected: 0, waived: 60 + 20 });
  expect(read).toHaveLength(1 + 5);
});
