import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openConsole } from "./test-support/console.ts";

const sensors = join(import.meta.dirname, "..", "examples", "sensors");
const SLOW = 60_000;

test(
  "an edited export decides by its lines; one that contradicts itself or fits nothing is refused as a whole",
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), "capillaries-correct-"));
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
    const console = openConsole(cwd);
    const keyspace = ["--keyspace", "sensors"];
    const script = [join(sensors, "script.json"), "--params", join(sensors, "params.json")];
    const input = ["--param", `dir_in=${join(sensors, "in")}`];
    const on = async (...args: readonly string[]): Promise<number> => {
      console.clear();
      return console.run(...args, ...keyspace);
    };
    expect(await on("run", ...script, ...input, "--threads", "1"), console.err()).toBe(0);
    const exported = async (node: string): Promise<readonly string[]> => {
      expect(await on("rejected", "--node", node, "--csv")).toBe(0);
      return console.out().trimEnd().split("\n");
    };
    const upload = async (...lines: readonly string[]): Promise<number> => {
      writeFileSync(join(cwd, "edited.csv"), `${lines.join("\n")}\n`);
      return on("correct", "edited.csv", "--json");
    };

    const [header = "", ...rows] = await exported("read_readings");
    const broken = rows.find((row) => row.includes(",n/a")) ?? "";
    const repaired = broken.replace(/,n\/a$/, ",17.5");
    expect(repaired).not.toBe(broken);

    expect(await upload(header, broken), console.err()).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ corrected: 0, waived: 0, unchanged: 1 });
    expect(await upload(header, broken.replace(/,n\/a$/, ",warm"))).toBe(2);
    expect(console.err()).toMatch(/line 2, r\.col_celsius: .*warm/);
    expect(await upload(header, repaired, repaired.replace(",17.5", ",18.5"))).toBe(2);
    expect(console.err()).toContain(
      "line 3: decides about the same row as an earlier line, differently",
    );
    const nowhere = repaired.replace(/(?<=gateway_north\.csv,)12,/, "9999,");
    expect(await upload(header, ...Array.from({ length: 12 }, () => nowhere))).toBe(2);
    expect(console.err()).toMatch(/line 2: node read_readings, .* line 9999.*; and \d+ more/s);
    expect(await upload(header.replace("line", "row"), repaired)).toBe(2);
    expect(console.err()).toContain("the file has no column line");
    expect(await upload(header, `${repaired},more`)).toBe(2);
    expect(console.err()).toMatch(/line 2: \d+ cells, the header has \d+/);

    // The cell before those that were read is the decision.
    const decided = (row: string, decision: string): string =>
      row.replace(/,,(?=n\d,)/, `,${decision},`);
    const [tableHeader = "", tableRow = ""] = await exported("calibrate");
    const wrong = decided(tableRow.replace(/,11\.2$/, ",warm"), "correct");
    expect(await upload(tableHeader, ...Array.from({ length: 12 }, () => wrong))).toBe(2);
    expect(console.err()).toMatch(/line 2, r\.celsius: .*warm.* is not a float.*; and \d+ more/s);
    expect(await upload(tableHeader, tableRow.replace(",3,11.2", ",4,11.2"))).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ corrected: 1, waived: 0 });
    expect(await upload(tableHeader, decided(tableRow, "waive"))).toBe(0);
    expect(JSON.parse(console.out())).toMatchObject({ corrected: 0, waived: 1 });
    expect(await upload(header, decided(broken, "Correct"))).toBe(2);
    expect(console.err()).toMatch(/line 2, r\.col_celsius/);
  },
  SLOW,
);
