import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isFault } from "#pkg/fault";
import { childrenOf, ownerOfIndex, ownerOfTable, sourcesOf, type Script } from "./index.ts";
import { readScript } from "./read-script.ts";

type Json = Record<string, unknown>;

interface Sketch {
  readonly kind: "file" | "table" | "lookup" | "distinct" | "write";
  readonly source: number;
  readonly right: number;
  readonly isManual: boolean;
}

const sketch: fc.Arbitrary<Sketch> = fc.record({
  kind: fc.constantFrom("file", "table", "lookup", "distinct", "write"),
  source: fc.nat({ max: 5 }),
  right: fc.nat({ max: 5 }),
  isManual: fc.boolean(),
});

const fields = { a: { expression: "r.a", type: "int" } };

/** Any references, to earlier and to later nodes, to itself and to nothing; every node that writes a table has an index. */
function nodeOf({ kind, source, right, isManual }: Sketch, at: number): Json {
  const start_policy = isManual ? "manual" : "auto";
  const w = { name: `t${at}`, fields, indexes: { [`idx_to_check_uniq_${at}`]: "unique(a)" } };
  const r = { table: `t${source}` };
  const l = { index_name: `idx_to_check_uniq_${right}`, join_on: "r.a", join_type: "inner" };
  const column = { name: "a", type: "int", expression: "r.a", csv: { header: "a", format: "%d" } };
  const nodes = {
    file: {
      type: "file_table",
      r: { urls: ["a"], columns: { a: { col_type: "int", csv: { col_hdr: "a" } } } },
      w,
    },
    table: { type: "table_table", r, w },
    lookup: { type: "table_lookup_table", r, l, w },
    distinct: { type: "distinct_table", rerun_policy: "fail", r, w },
    write: { type: "table_file", r, w: { url_template: `${at}.csv`, columns: [column] } },
  } as const satisfies Record<Sketch["kind"], Json>;
  return { ...nodes[kind], start_policy };
}

function accepted(sketches: readonly Sketch[]): Script | undefined {
  const nodes = Object.fromEntries(
    sketches.map((each, at) => [`n${at}`, nodeOf(each, at)] as const),
  );
  const text = JSON.stringify({ nodes, dependency_policies: { p: { is_default: true } } });
  try {
    return readScript({ file: "s.json", text }).script;
  } catch (error) {
    if (isFault(error) && error.code === "SCRIPT_INVALID") return undefined;
    throw error;
  }
}

/** True when the graph of sources has no way back, found without the loader's own walk. */
function isAcyclic(sketches: readonly Sketch[]): boolean {
  const sources = sketches.map(({ kind, source, right }) =>
    kind === "file" ? [] : kind === "lookup" ? [source, right] : [source],
  );
  const done = new Set<number>();
  for (let size = -1; done.size > size;) {
    size = done.size;
    sources.forEach((of, at) => of.every((each) => done.has(each)) && done.add(at));
  }
  return done.size === sources.length;
}

const resolves = (sketches: readonly Sketch[]): boolean =>
  sketches.every(({ kind, source, right }) => {
    const isTable = (at: number): boolean => at < sketches.length && sketches[at]?.kind !== "write";
    if (kind === "file") return true;
    return isTable(source) && (kind !== "lookup" || isTable(right));
  });

test("a script is accepted exactly when it is acyclic and every reference resolves", () => {
  let acceptances = 0;
  fc.assert(
    fc.property(fc.array(sketch, { maxLength: 6 }), (sketches) => {
      const script = accepted(sketches);
      expect(script !== undefined).toBe(resolves(sketches) && isAcyclic(sketches));
      if (script === undefined) return;
      acceptances += 1;
      for (const node of script.nodes) {
        const { reader, lookup } = sourcesOf(script, node);
        for (const name of [reader, lookup])
          if (name !== undefined) expect(childrenOf(script, name)).toContain(node.name);
        if (node.kind === "table_lookup_table")
          expect(ownerOfIndex(script, node.lookup.index).node.writer.table).toBe(node.lookup.table);
        if (node.kind !== "table_file") expect(ownerOfTable(script, node.writer.table)).toBe(node);
      }
    }),
    { numRuns: 1000 },
  );
  expect(acceptances).toBeGreaterThan(20);
});

test("reading is idempotent: the same text gives the same script, and its JSON is the script", () => {
  fc.assert(
    fc.property(fc.array(sketch, { maxLength: 6 }), (sketches) => {
      const script = accepted(sketches);
      expect(accepted(sketches)).toEqual(script);
      if (script !== undefined) expect(JSON.parse(JSON.stringify(script))).toEqual(script);
    }),
    { numRuns: 200 },
  );
});

test("a thousand nodes in a row are read, without recursion along the chain", () => {
  const sketches = Array.from({ length: 1000 }, (_, at): Sketch => {
    return { kind: at === 0 ? "file" : "table", source: at - 1, right: 0, isManual: false };
  });
  expect(accepted(sketches)?.nodes).toHaveLength(1000);
});
