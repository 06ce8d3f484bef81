import { describe, expect, test } from "vitest";
import { readScript } from "#pkg/script/reading";
import type { CustomNode, Script } from "#pkg/script";
import {
  aDistinct,
  aFileTable,
  aLookup,
  anIndex,
  aScript,
  aTableFile,
  aTableTable,
} from "../workflow/test-support/build.ts";
import { xmlText } from "./escape.ts";
import { toSvg } from "./index.ts";
import { shortUrl, wrapped } from "./shorten.ts";
import { textWidth } from "./text-size.ts";

const indexed = aFileTable("prices", {
  description: "Prices of today, as the shop gave them to us",
});
/** Only the type is drawn. */
const processor = (type: string): CustomNode["processor"] =>
  ({ type }) as unknown as CustomNode["processor"];
const calculated: CustomNode = {
  ...aTableTable("calculated", "joined"),
  kind: "table_custom_tfm_table",
  processor: processor("py_calc"),
};
const script: Script = aScript([
  aFileTable('read <all> & "more"', {
    reader: { ...indexed.reader, urls: ["/data/in/2026/11/24/items.csv", "/b.csv"] },
  }),
  { ...indexed, writer: { ...indexed.writer, indexes: [anIndex("idx_prices")] } },
  aLookup("joined", { left: 'read <all> & "more"', right: "prices" }),
  aTableTable("copied", "joined", { startPolicy: "manual" }),
  aDistinct("single", "copied"),
  calculated,
  {
    ...calculated,
    name: "tagged",
    processor: processor("tag_and_denormalize"),
    writer: { ...calculated.writer, table: "t_tagged" },
  },
  {
    ...calculated,
    name: "own",
    processor: processor("own_thing"),
    writer: { ...calculated.writer, table: "t_own" },
  },
  aTableFile("written", "single"),
]);
const plain = { indexes: false, fields: false };

describe("an SVG diagram", () => {
  test("is a well-formed document with every node, its kind, sources and target", () => {
    const svg = toSvg(script, plain);
    expect(svg).toMatch(/^<svg xmlns="[^"]+" width="\d+" height="\d+" viewBox="0 0 \d+ \d+"/);
    for (const text of [
      "read &lt;all&gt; &amp; &quot;more&quot;",
      "/data/in/2026/…/items.csv and 1 more",
      "Prices of today, as the shop gave",
      "them to us",
      "inner join",
      "index idx_prices",
      "distinct rows",
      "table to table",
      "py_calc",
      "creates table t_single",
      "writes csv",
      "creates file /out/written_{batch_idx|string}.csv",
    ])
      expect(svg).toContain(text);
    for (const icon of [
      "readFile",
      "lookup",
      "tableToTable",
      "distinct",
      "python",
      "tag",
      "custom",
      "csv",
    ])
      expect(svg).toContain(`href="#icon-${icon}"`);
    expect(svg.match(/<g>/g)?.length).toBe(svg.match(/<\/g>/g)?.length);
  });

  test("has dashed lookups, solid readers and a thick border for manual nodes", () => {
    const svg = toSvg(script, plain);
    expect(svg.match(/class="line"/g)).toHaveLength(8);
    expect(svg.match(/stroke-dasharray/g)).toHaveLength(1);
    expect(svg.match(/stroke-width="5"/g)).toHaveLength(1);
  });

  test("labels lines with tables and batches, indexes and fields when asked", () => {
    expect(toSvg(script, plain)).not.toContain('class="label"');
    const svg = toSvg(script, { indexes: true, fields: true });
    expect(svg).toContain(">idx_prices (lookup)</text>");
    expect(svg).toContain(">t_prices (no parallelism)</text>".replace("prices", "copied"));
    expect(svg).toContain(">id</text>");
  });

  test("gives every tree of readers a colour, the biggest the first one", () => {
    const svg = toSvg(script, { ...plain, rootPalette: true });
    const boxOf = (name: string): string =>
      svg.split("\n").find((line) => line.includes(`class="name"`) && line.includes(`>${name}<`)) ??
      "";
    expect(boxOf("written")).toContain("#023EFF");
    expect(boxOf("prices")).toContain("#FF7C00");
    expect(svg).toContain('id="arrow-FF7C00"');
  });

  test("of a run has names, colours and words of statuses only", () => {
    const statuses = new Map([
      ["prices", 2],
      ["joined", 3],
      ["copied", 1],
      ["single", 104],
      ["written", 9],
    ]);
    const svg = toSvg(script, { indexes: true, fields: true, rootPalette: true, statuses });
    for (const text of [
      "#4CCC93",
      "#F84143",
      "#63AFFA",
      "#FBA141",
      "#2F4F4F",
      ">success<",
      ">stopreceived<",
      ">unknown<",
    ])
      expect(svg).toContain(text);
    expect(svg).not.toContain("creates table");
    expect(svg).not.toContain('class="label"');
  });

  test("of a real script is what the picture that was looked at is", async () => {
    const text = `
nodes:
  read_orders:
    type: file_table
    desc: Orders of the month
    r: { urls: [in/orders.csv], columns: { id: { col_type: int, csv: { col_hdr: id } } } }
    w: { name: orders, fields: { id: { expression: r.id, type: int } } }
  read_items:
    type: file_table
    r: { urls: [in/items.csv], columns: { id: { col_type: int, csv: { col_hdr: id } } } }
    w: { name: items, fields: { id: { expression: r.id, type: int } }, indexes: { idx_items: non_unique(id) } }
  total_orders:
    type: table_lookup_table
    start_policy: manual
    r: { table: orders, expected_batches_total: 4 }
    l: { index_name: idx_items, join_on: r.id, join_type: left, group: true }
    w: { name: totals, fields: { id: { expression: r.id, type: int }, n: { expression: count(), type: int } } }
dependency_policies: { p: { is_default: true } }
`;
    const real = readScript({ file: "s.yaml", text }).script;
    const svg = toSvg(real, { indexes: true, fields: true, rootPalette: true });
    await expect(svg).toMatchFileSnapshot("../../test/data/diagram/orders.svg");
  });
});

describe("texts", () => {
  test("lose nothing but what XML cannot hold", () => {
    expect(xmlText("a\u0000b\ud800c<'\">&\t€😀")).toBe(
      "a\ufffdb\ufffdc&lt;&apos;&quot;&gt;&amp;\t€😀",
    );
  });

  test("of files keep the first three segments and the last one", () => {
    expect(shortUrl("in/a.csv")).toBe("in/a.csv");
    expect(shortUrl("a/b/c/d/e.csv")).toBe("a/b/c/…/e.csv");
    expect(shortUrl("/a/b/c/d/e.csv")).toBe("/a/b/c/…/e.csv");
    expect(shortUrl("s3://bucket/x/y/z.csv")).toBe("s3://bucket/x/…/z.csv");
  });

  test("of descriptions are wrapped and cut", () => {
    expect(wrapped("  one two   three ", 7, 3)).toEqual(["one two", "three"]);
    expect(wrapped("one two three four", 5, 2)).toEqual(["one", "two…"]);
    expect(wrapped("extraordinarily", 6, 1)).toEqual(["extra…"]);
    expect(wrapped("", 6, 1)).toEqual([]);
  });

  test("are measured wider for wide letters", () => {
    const font = { size: 10, bold: false };
    expect(textWidth("ii", font)).toBeLessThan(textWidth("WW", font));
    expect(textWidth("é", font)).toBeLessThan(textWidth("漢", font));
    expect(textWidth("a", { size: 10, bold: true })).toBeGreaterThan(textWidth("a", font));
  });
});
