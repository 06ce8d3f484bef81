import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cli, startCli } from "../support/cli.ts";
import { contentsOf, temporaryFolder } from "../support/folders.ts";
import { pythonPipeline } from "../support/python-pipeline.ts";
import { batchesOf, statusOf } from "../support/run-status.ts";
import { until } from "../support/until.ts";

/** Remembers its process and what it starts, then goes on; `work` is the body of f. */
const codeWith = (folder: string, work: string): string => `
import os, subprocess, time
PIDS = ${JSON.stringify(join(folder, "pids"))}
def f(n):
${work}
    return n * 2
def label(s):
    return ",".join({"a", "b", "c", s})
`;

const REMEMBER = `
    if not os.path.exists(PIDS):
        child = subprocess.Popen(["sleep", "300"])
        with open(PIDS + ".part", "w") as f:
            f.write("%d %d" % (os.getpid(), child.pid))
        os.rename(PIDS + ".part", PIDS)
`;
const LOOP = `${REMEMBER}
    while True:
        pass
`;
/** About 5 ms of a core for each row. */
const BURN = `
    end = time.process_time() + 0.005
    while time.process_time() < end:
        pass
`;
const NOTHING = "    pass";

/** Also a process that has ended but that nobody has asked about counts as gone. */
function isGone(pid: number): boolean {
  try {
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/\(.*\)/, ""));
  } catch {
    return true;
  }
}

async function pidsIn(folder: string): Promise<readonly number[]> {
  const file = join(folder, "pids");
  await until("Python is at work", () => existsSync(file) || undefined);
  return readFileSync(file, "utf8").split(" ").map(Number);
}

async function expectGone(pids: readonly number[]): Promise<void> {
  expect(pids).toHaveLength(2);
  await until("no process is left", () => pids.every(isGone) || undefined);
}

const LONG_LIMIT = { CAPI_PYCALC_EXECUTION_TIMEOUT: "300000" };

test("kill -9 with Python in an endless loop leaves no process behind; resume finishes the run", async () => {
  const folder = temporaryFolder("python-kill");
  const made = pythonPipeline(folder, { rows: 500, code: codeWith(folder, LOOP) });
  const { child, ended } = startCli(made.run, { env: LONG_LIMIT });
  const pids = await pidsIn(folder);
  child.kill("SIGKILL");
  await ended;
  await expectGone(pids);
  // The code is frozen with the run, so what is changed in the file now changes nothing: only the limit ends the loop.
  writeFileSync(join(folder, "code.py"), codeWith(folder, NOTHING));
  const resumed = await cli(["resume", "--keyspace", "python", "--data", made.data], {
    env: { CAPI_PYCALC_EXECUTION_TIMEOUT: "1000" },
  });
  expect(resumed.code, resumed.stderr).toBe(1);
  expect(resumed.stderr).toContain("longer than 1000 ms");
  expect(readdirSync(made.out)).toEqual([]);
});

test("an interrupt and a stop end Python at once", async () => {
  const folder = temporaryFolder("python-interrupt");
  const made = pythonPipeline(folder, { rows: 500, code: codeWith(folder, LOOP) });
  const { child, ended } = startCli(made.run, { env: LONG_LIMIT });
  const pids = await pidsIn(folder);
  child.kill("SIGINT");
  expect((await ended).code).toBe(5);
  await expectGone(pids);
});

test("a kill at several moments of Python work costs nothing but time", async () => {
  const quietFolder = temporaryFolder("python-quiet");
  const quiet = pythonPipeline(quietFolder, { rows: 600, code: codeWith(quietFolder, NOTHING) });
  expect((await cli(quiet.run)).code).toBe(0);
  const folder = temporaryFolder("python-kills");
  const made = pythonPipeline(folder, { rows: 600, code: codeWith(folder, REMEMBER + BURN) });
  const { child, ended } = startCli(made.run);
  const pids = await pidsIn(folder);
  child.kill("SIGKILL");
  await ended;
  await expectGone(pids);
  const resumed = await cli(["resume", "--keyspace", "python", "--data", made.data]);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(contentsOf(made.out)).toEqual(contentsOf(quiet.out));
});

test("P2: threads and chunks change nothing, also with sets and state in the code", async () => {
  const code = `
seen = []
def f(n):
    seen.append(n)
    return len(seen)
def label(s):
    return ",".join({"a", "b", "c", "d", s})
`;
  const contents: unknown[] = [];
  for (const flags of [
    ["--threads", "1"],
    ["--threads", "3", "--set", "chunk_rows=7"],
    ["--threads", "2", "--memory", "16", "--set", "chunk_rows=1000"],
  ]) {
    const made = pythonPipeline(temporaryFolder("python-same"), { rows: 2000, code, pageRows: 64 });
    const ended = await cli([...made.run, ...flags]);
    expect(ended.code, ended.stderr).toBe(0);
    contents.push(contentsOf(made.out));
  }
  expect(contents[1]).toEqual(contents[0]);
  expect(contents[2]).toEqual(contents[0]);
});

test("T-10: rows that keep Python busy for longer than a lease do not lose it", async () => {
  const folder = temporaryFolder("python-lease");
  const made = pythonPipeline(folder, {
    rows: 3600,
    batches: 2,
    pageRows: 1800,
    code: codeWith(folder, BURN),
  });
  const env = { CAPI_LEASE_SECONDS: "6", ...LONG_LIMIT };
  const { ended, printed } = startCli([...made.run, "--threads", "1"], { env });
  await until("the run is visible", () => (/run 1 .* started/.test(printed()) ? true : undefined));
  // Another worker of the same run would take over what it holds to be lost.
  const other = await cli(["resume", "--keyspace", "python", "--data", made.data], { env });
  const first = await ended;
  expect([first.code, other.code], first.stderr + other.stderr).toEqual([0, 0]);
  const batches = batchesOf(await statusOf(made.data, "python"), "calc");
  expect(batches.map(({ state, attempts }) => [state, attempts])).toEqual([
    ["success", 1],
    ["success", 1],
  ]);
});

test("a missing interpreter is told before a run exists", async () => {
  const folder = temporaryFolder("python-missing");
  const made = pythonPipeline(folder, { rows: 5, code: codeWith(folder, NOTHING) });
  const env = { CAPI_PYCALC_INTERPRETER_PATH: join(folder, "no-python") };
  const { code, stderr } = await cli(made.run, { env });
  expect(code).toBe(5);
  expect(stderr).toContain("PYTHON_MISSING");
  expect(await statusOf(made.data, "python")).toBeUndefined();
  expect((await cli(made.run)).code).toBe(0);
});

test("P6: Python files are those of the start, whatever happens to them while the run goes on", async () => {
  const folder = temporaryFolder("python-frozen");
  const made = pythonPipeline(folder, { rows: 300, code: codeWith(folder, REMEMBER + BURN) });
  const { ended } = startCli(made.run);
  await pidsIn(folder);
  writeFileSync(join(folder, "code.py"), "this is no Python");
  const { code, stderr } = await ended;
  expect(code, stderr).toBe(0);
  expect(readFileSync(join(made.out, "calculated.csv"), "utf8")).toContain("\n299,598,");
});

const SHORT_LIMIT = { CAPI_PYCALC_EXECUTION_TIMEOUT: "1000" };

test.each([
  ["an endless loop", "    while True:\n        pass", "PYTHON_TIMEOUT", "longer than 1000 ms"],
  ["a crash", "    os._exit(7)", "PYTHON_DIED", "exit code 7"],
  [
    "a wrong type",
    '    return "x"',
    "PYTHON_RESULT",
    'f(r.n): the result must be a number, not the str "x"',
  ],
  ["no result", "    return", "PYTHON_RESULT", "f(r.n): the result must be a number, not None"],
  ["print in the place of a result", "    return print(n)", "PYTHON_RESULT", "not None"],
  ["an exception", "    return n / 0", "PYTHON_ROW", "ZeroDivisionError"],
] as const)(
  "bad code: %s fails the node with one clear fault, publishes nothing and leaves no process",
  async (_, body, code, says) => {
    const folder = temporaryFolder("python-bad");
    const made = pythonPipeline(folder, {
      rows: 50,
      batches: 1,
      code: codeWith(folder, `${REMEMBER}\n${body}`),
    });
    const { ended } = startCli([...made.run, "--json"], { env: SHORT_LIMIT });
    const pids = await pidsIn(folder);
    const { code: exitCode, stdout, stderr } = await ended;
    expect(exitCode, stderr).toBe(1);
    expect(stderr).not.toMatch(/^\s+at .*\(/m);
    const { nodes } = JSON.parse(stdout) as {
      nodes: { node: string; cause: { code: string; message: string } | null }[];
    };
    const causes = new Map(nodes.map(({ node, cause }) => [node, cause]));
    expect(causes.get("calc")).toMatchObject({ code });
    expect(causes.get("calc")?.message).toContain("calc");
    expect(causes.get("calc")?.message).toContain(says);
    expect(causes.get("write")?.code).toBe("SOURCE_FAILED");
    expect(readdirSync(made.out)).toEqual([]);
    await expectGone(pids);
  },
);
