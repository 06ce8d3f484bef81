import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, root } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";

const SCRIPT = join("examples", "processor", "script.yaml");
const FLAG = ["--processor", `vat=${join("examples", "processor", "vat.mjs")}`];

/** The example in a folder of its own. */
function example() {
  const folder = temporaryFolder("processor");
  mkdirSync(join(folder, "examples"));
  cpSync(join(root, "examples", "processor"), join(folder, "examples", "processor"), {
    recursive: true,
  });
  const file = (...parts: readonly string[]) => join(folder, "examples", "processor", ...parts);
  const call = (...args: readonly string[]) => cli(args, { cwd: folder });
  return { folder, file, call };
}

const RESULT = "id,rate,gross\n1,7,10.70\n1,19,11.90\n3,20,23.99\n4,7,0.05\n4,19,0.06\n";

test("the example runs with its module named by the flag or in the settings file", async () => {
  const { folder, call } = example();
  const gross = join(folder, "gross.csv");
  const byFlag = await call("run", SCRIPT, ...FLAG, "--json");
  expect(byFlag.stderr).toContain("succeeded");
  expect(byFlag.code).toBe(0);
  expect(readFileSync(gross, "utf8")).toBe(RESULT);
  const { nodes } = JSON.parse(byFlag.stdout) as { readonly nodes: readonly unknown[] };
  // Row 2 has no rate: read, not written.
  expect(nodes).toContainEqual(
    expect.objectContaining({
      node: "add_vat",
      rows: expect.objectContaining({ read: 4, written: 5, filtered: 1 }) as unknown,
    }),
  );
  const without = await call("check", SCRIPT);
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('there is no processor "vat"');
  writeFileSync(
    join(folder, "capitoolbelt.json"),
    JSON.stringify({ custom_processors: { vat: { module: "examples/processor/vat.mjs" } } }),
  );
  writeFileSync(gross, "");
  expect(await call("run", SCRIPT)).toMatchObject({ code: 0 });
  expect(readFileSync(gross, "utf8")).toBe(RESULT);
});

test("a row that the module refuses fails its node with row, line and values; a changed module is no retry", async () => {
  const { file, call } = example();
  const prices = file("in", "prices.csv");
  writeFileSync(prices, readFileSync(prices, "utf8").replace("19.99", "-1.50"));
  const failed = await call("run", SCRIPT, ...FLAG);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(
    /add_vat: node add_vat, row 3 of table prices, .*RangeError: a negative price: -1\.5 \[.*vat\.mjs, line \d+\] \(r\.country = "FR", r\.net = "-1\.5"\)/,
  );
  const module = file("vat.mjs");
  writeFileSync(module, readFileSync(module, "utf8").replace("net < 0n", "false"));
  const retried = await call("retry", "--keyspace", "script", ...FLAG);
  expect(retried.stderr).toContain("another module for the processor vat");
  expect(retried.code).toBe(1);
});
