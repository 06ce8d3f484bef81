import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "#pkg/log";

const root = join(import.meta.dirname, "..", "..");

test("the silent log says nothing, whatever is added to its lines", () => {
  expect(silentLog.with({ run: 1 })).toBe(silentLog);
  expect(silentLog.warn("something")).toBeUndefined();
});

test("the JSON log writes a line for each message from its level up, with all fields", () => {
  const program = `
    import { openJsonLines } from "#pkg/log/json";
    const log = openJsonLines("info").with({ run: 1 });
    log.debug("too much");
    log.info("begun", { node: "orders" });
    log.warn("slow");
    log.error("failed");
  `;
  const ended = spawnSync(
    process.execPath,
    ["--import", "tsx", "--conditions", "source", "--input-type=module", "--eval", program],
    { cwd: root, encoding: "utf8" },
  );
  const lines = ended.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { level: 30, run: 1, node: "orders", msg: "begun" },
    { level: 40, run: 1, msg: "slow" },
    { level: 50, run: 1, msg: "failed" },
  ]);
  expect(ended.stdout).toBe("");
});
