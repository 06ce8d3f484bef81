import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, type Ended } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { pythonPipeline } from "../support/python-pipeline.ts";

const CODE = `
def f(n):
    if n % 10 == 3:
        raise ValueError("no luck")
    return 2 * n

def label(s):
    return s
`;

test("P7: rows for which a formula in Python fails are rejected, corrected and replayed like all others", async () => {
  const folder = temporaryFolder("rejected-python");
  const { run, data, out } = pythonPipeline(folder, { code: CODE, rows: 50 });
  const script = run[1] as string;
  const parsed = JSON.parse(readFileSync(script, "utf8")) as { nodes: Record<string, object> };
  Object.assign(parsed.nodes["calc"] as object, { on_error: "reject" });
  writeFileSync(script, JSON.stringify(parsed));
  const keyspace = run[run.indexOf("--keyspace") + 1] as string;
  const place = ["--keyspace", keyspace, "--data", data];
  const ok = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await cli(args);
    expect(ended.code, `${args.join(" ")}: ${ended.stderr}`).toBe(0);
    return ended;
  };
  const { stderr } = await ok(...run);
  expect(stderr).toMatch(/calc +success +50 +45 +5/);
  const { stdout } = await ok("rejected", ...place, "--json");
  const rows = JSON.parse(stdout) as readonly Record<string, unknown>[];
  expect(
    rows.map(({ node, file, line, column, value, reason }) => [
      node,
      file,
      line,
      column,
      value,
      reason,
    ]),
  ).toEqual(
    [4, 14, 24, 34, 44].map((line) => [
      "calc",
      "numbers",
      line,
      "out",
      String(line - 1),
      "PYTHON_ROW",
    ]),
  );
  expect(rows[0]?.["message"]).toContain("no luck");
  const exported = await ok("rejected", ...place, "--csv");
  const edited = exported.stdout
    .replaceAll(/,(\d+)3,([^,\n]*)$/gm, ",$14,$2")
    .replaceAll(/,3,([^,\n]*)$/gm, ",4,$1");
  writeFileSync(join(folder, "edited.csv"), edited);
  const corrected = await ok("correct", join(folder, "edited.csv"), ...place);
  expect(corrected.stderr).toContain("5 rows corrected");
  const replayed = await ok("replay", ...place);
  expect(replayed.stderr).toMatch(/calc +success +50 +50 /);
  expect(readFileSync(join(out, "calculated.csv"), "utf8").split("\n")).toContain("4,8,text 3");
});
