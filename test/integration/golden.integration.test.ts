import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, root, type Ended } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";

/** `case.json` of a folder below test/data: the layout of the conformance cases, byte comparison only. */
interface Golden {
  readonly title: string;
  readonly runs: readonly GoldenRun[];
  readonly expect: "ok" | { readonly error: GoldenError };
  readonly compare: Readonly<Record<string, "bytes">>;
}

interface GoldenRun {
  readonly start: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
  readonly absent?: readonly string[];
  readonly exit?: number;
}

interface GoldenError {
  readonly code_hint: number;
  readonly mentions: readonly (string | { readonly line: number })[];
}

const data = join(root, "test", "data");
const cases = readdirSync(data)
  .filter((name) => existsSync(join(data, name, "case.json")))
  .map((name) => {
    const golden = JSON.parse(readFileSync(join(data, name, "case.json"), "utf8")) as Golden;
    return { name, golden, title: golden.title };
  });

function execute(folder: string, run: GoldenRun): Promise<Ended> {
  const values = { dir_in: join(folder, "in"), dir_out: join(folder, "out"), ...run.params };
  const params = Object.entries(values).flatMap(([name, value]) => ["--param", `${name}=${value}`]);
  const places = ["--params", join(folder, "params.json"), "--data", join(folder, "data")];
  const start = ["--keyspace", "golden", "--start", run.start.join(",")];
  return cli(["run", join(folder, "script.json"), ...places, ...params, ...start]);
}

function expectMentions({ stderr }: Ended, { mentions }: GoldenError): void {
  for (const mention of mentions)
    expect(stderr.toLowerCase()).toContain(
      typeof mention === "string" ? mention.toLowerCase() : `line ${mention.line}`,
    );
}

test.each(cases)("$name: $title", async ({ name, golden }) => {
  const folder = temporaryFolder("golden");
  cpSync(join(data, name), folder, { recursive: true });
  mkdirSync(join(folder, "out"));
  const error = golden.expect === "ok" ? undefined : golden.expect.error;
  for (const [i, run] of golden.runs.entries()) {
    const isLast = i === golden.runs.length - 1;
    const ended = await execute(folder, run);
    const code = isLast && error !== undefined ? error.code_hint : (run.exit ?? 0);
    expect(ended.code, ended.stderr).toBe(code);
    if (isLast && error !== undefined) expectMentions(ended, error);
    for (const file of run.absent ?? []) expect(existsSync(join(folder, file))).toBe(false);
  }
  const written = Object.keys(contentsOf(join(folder, "out"))).map((file) => `out/${file}`);
  expect(written).toEqual(Object.keys(golden.compare).toSorted());
  for (const file of written)
    expect(readFileSync(join(folder, file), "utf8")).toBe(
      readFileSync(join(data, name, "expected", file.slice("out/".length)), "utf8"),
    );
});
