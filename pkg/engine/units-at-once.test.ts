import { expect, test } from "vitest";
import type { ScriptNode } from "#pkg/script";
import type { Manifest, UnitTask } from "#pkg/workflow";
import { aFileTable, aLookup, aScript, aTableTable } from "../workflow/test-support/build.ts";
import type { EnginePorts } from "./types.ts";
import { unitsAtOnce } from "./units-at-once.ts";

const MB = 2 ** 20;
let scripts = 0;

/** For a batch of that many stored bytes. */
function atOnce(node: ScriptNode, bytes: number, phase: UnitTask["phase"] = "rows") {
  const script = aScript([aFileTable("orders"), aFileTable("items"), node]);
  const control = {
    document: () => Promise.resolve(JSON.stringify(script)),
    manifest: () =>
      Promise.resolve({
        batches: [{ bytes: bytes * 40 }, { bytes: bytes * 60 }],
      } as unknown as Manifest),
  };
  const task = {
    incarnation: "i1",
    node: node.name,
    phase,
    script: `${(scripts += 1)}`,
    plan: { batches: 100 },
    verdict: { reader: { manifest: "m" } },
  } as unknown as UnitTask;
  return unitsAtOnce(task, { control, memory: 256 * MB } as unknown as EnginePorts);
}

const copy = aTableTable("copy", "orders");

test("batches that only go through a table are in work together as long as they are about one block of rows", async () => {
  expect(await atOnce(copy, 1000)).toBe(32);
  expect(await atOnce(copy, 100_000)).toBe(10);
  expect(await atOnce(copy, 10 * MB)).toBe(2);
  expect(await atOnce(copy, 0)).toBe(32);
});

test("what needs more memory than its rows is in work by twos", async () => {
  expect(await atOnce(aLookup("join", { left: "orders", right: "items" }), 1000)).toBe(2);
  expect(await atOnce(copy, 1000, "finish")).toBe(2);
});

test("custom code has one batch at a time", async () => {
  const custom = { ...copy, kind: "table_custom_tfm_table" } as unknown as ScriptNode;
  expect(await atOnce(custom, 1000)).toBe(1);
});
