import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bigTableScript, writeBigTable } from "../support/big-table.ts";
import { root } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { peakOf } from "../support/peak-memory.ts";

/** The full form is CAPI_BIG_TABLE_MB=1000. */
const MEGABYTES = Number(process.env["CAPI_BIG_TABLE_MB"] ?? 120);
const BUDGET_MB = 128;
/** While the cell is read its pages of the table's file count as resident too; the system takes them back when it needs them. */
const MAPPED_MB = 20;

test(`P8: --memory ${BUDGET_MB} is enough for a table of ${MEGABYTES} MB with a hot key and a 20 MB cell`, async () => {
  const folder = temporaryFolder("memory");
  const [input, out] = [join(folder, "in"), join(folder, "out")];
  mkdirSync(input);
  mkdirSync(out);
  const big = writeBigTable(input, MEGABYTES);
  const job = JSON.parse(readFileSync(join(root, "bench", "jobs", "j1.json"), "utf8")) as {
    dependency_policies: { current_first: object };
  };
  const script = bigTableScript(job.dependency_policies.current_first);
  writeFileSync(join(folder, "script.json"), JSON.stringify(script));
  const limits = ["--memory", String(BUDGET_MB)];
  const run = [
    "run",
    join(folder, "script.json"),
    "--param",
    `dir_in=${input}`,
    "--param",
    `dir_out=${out}`,
    "--data",
    join(folder, "data"),
    ...limits,
  ];
  const example = ["examples/orders/script.json", "--params", "examples/orders/params.json"];
  const { peak: idle, resident: idleResident } = await peakOf([
    "run",
    ...example,
    "--param",
    `dir_out=${join(folder, "idle")}`,
    "--data",
    join(folder, "idle-data"),
    ...limits,
  ]);
  const { peak, resident } = await peakOf(run);
  console.log(
    `budget ${BUDGET_MB} MB; above idle: private ${(peak - idle).toFixed(0)} of ${peak.toFixed(0)} MB, ` +
      `resident ${(resident - idleResident).toFixed(0)} of ${resident.toFixed(0)} MB`,
  );
  const totals = readFileSync(join(out, "totals.csv"), "utf8");
  expect(totals).toContain(`hot,${big.hotRows},`);
  const joined = readFileSync(join(out, "joined.csv"), "utf8").split("\n");
  expect(joined).toHaveLength(big.sortedRows + 2);
  expect(joined[1]).toMatch(new RegExp(`^${big.rows - 1},`));
  expect(peak - idle).toBeLessThan(BUDGET_MB);
  expect(resident - idleResident).toBeLessThan(BUDGET_MB + MAPPED_MB);
}, 600_000);
