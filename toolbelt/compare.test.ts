import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { RunComparison } from "#pkg/operator";
import { STOCK, tinyPipeline } from "../test/support/tiny-pipeline.ts";
import { openConsole } from "./test-support/console.ts";

const SLOW = 60_000;

function openPlace() {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-compare-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tiny = tinyPipeline(folder);
  const console = openConsole(folder);
  const call = async (code: number, ...args: readonly string[]): Promise<string> => {
    console.clear();
    expect(await console.run(...args), console.err()).toBe(code);
    return console.out();
  };
  return { tiny, console, call, input: join(folder, "in", "stock.csv") };
}

test(
  "two runs are compared: inputs, contents, rows, profiles and rows by key",
  async () => {
    const { tiny, console, call, input } = openPlace();
    const place = ["--keyspace", "tiny", "--data", tiny.data];
    const run = [...tiny.run, "--threads", "1"];
    await call(0, ...run);
    await call(2, "compare", ...place);
    expect(console.err()).toContain("fewer than two");
    await call(0, ...run);
    const same = JSON.parse(await call(0, "compare", ...place, "--json")) as RunComparison;
    expect(same).toMatchObject({ isSameScript: true, areSameParameters: true });
    expect(same.nodes.map(({ content }) => content)).toEqual(["same", "same"]);
    writeFileSync(input, `${STOCK.replace("1.50", "1.75")}D-4,6,0.10\n`);
    await call(0, ...run);
    const text = await call(
      0,
      "compare",
      ...place,
      "--table",
      "stock",
      "--key",
      "sku",
      "--profile",
    );
    expect(text).toMatch(/^left: {2}run 2 of tiny: succeeded/);
    expect(text).toContain("script same, parameters same, inputs changed");
    expect(text).toMatch(/read_stock +different +success +success +3 +4 +\+1 \+33\.3 %/);
    expect(text).toContain("rows of stock by sku: 2 same, 1 changed, 0 only left, 1 only right");
    expect(text).toContain("  A-1: price 1.5 → 1.75\n  D-4: only right");
    expect(text).toMatch(/price +min +1\.5 +0\.1/);
    const all = await call(0, "compare", "tiny:1", "3", ...place, "--profile");
    expect(all).toContain("columns of stock:");
    expect(
      await call(0, "compare", "1", "2", ...place, "--profile", "--table", "stock", "--key", "sku"),
    ).toContain("no difference in their profiles");
  },
  SLOW,
);

test(
  "a run that failed or is not finished is compared as far as it went",
  async () => {
    const { tiny, call, input } = openPlace();
    const place = ["--keyspace", "tiny", "--data", tiny.data];
    await call(0, ...tiny.run, "--threads", "1");
    writeFileSync(input, "sku,qty,price\nA-1,many,1\n");
    await call(1, ...tiny.run, "--threads", "1");
    expect(await call(0, "compare", ...place)).toMatch(
      /read_stock +unknown +success +fail +3 +0 +-3 -100\.0 %/,
    );
    await call(0, "start_run", ...place, "--script_file", tiny.script);
    expect(await call(0, "compare", "2", "3", ...place)).toMatch(/right: run 3 of tiny: running/);
    await call(2, "compare", "1", "2", ...place, "--table", "stock");
  },
  SLOW,
);

test(
  "what does not name two runs is misuse that says how",
  async () => {
    const { tiny, console, call } = openPlace();
    const data = ["--data", tiny.data];
    await call(0, ...tiny.run, "--threads", "1");
    for (const args of [[], ["1"], ["1", "2"], ["tiny:1", "x"], ["tiny:0", "tiny:1"]]) {
      await call(2, "compare", ...args, ...data);
      expect(console.err()).toMatch(/for example|keyspace:number/i);
    }
    await call(2, "compare", "tiny:1", "tiny:9", ...data);
  },
  SLOW,
);

test(
  "the profile of a table shows empties, distinct values, extremes and the most frequent values",
  async () => {
    const { tiny, console, call, input } = openPlace();
    writeFileSync(input, 'sku,qty,price\nA,1,1.00\nA,2,2.00\n,3,3.00\n"x\ny",4,4.00\n');
    await call(0, ...tiny.run, "--threads", "1");
    const place = ["--keyspace", "tiny", "--data", tiny.data];
    const text = await call(0, "profile", "stock", ...place);
    expect(text).toContain("table stock of run 1: 4 rows");
    expect(text).toMatch(/sku +string +1 +3 +x y\n/);
    expect(text).toMatch(/double +int +4 +2 +8/);
    expect(text).toContain("most frequent in sku: A (2),");
    expect(text).not.toContain("most frequent in double");
    const json = await call(
      0,
      "profile",
      "stock",
      ...place,
      "--json",
      "--columns",
      "sku",
      "--top",
      "1",
    );
    expect(JSON.parse(json)).toMatchObject({ columns: [{ name: "sku", top: [{ value: "A" }] }] });
    await call(2, "profile", "stock", ...place, "--columns", "suk");
    expect(console.err()).toContain('Did you mean "sku"?');
  },
  SLOW,
);
