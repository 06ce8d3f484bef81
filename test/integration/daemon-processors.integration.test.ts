import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../support/cli.ts";
import { contentsOf } from "../support/folders.ts";
import { pythonPipeline } from "../support/python-pipeline.ts";
import { tinyPipeline } from "../support/tiny-pipeline.ts";
import { installation, type Installation } from "../support/workers.ts";

const PATIENCE_MS = 120_000;

/** A folder in the installation that a worker is started in with these settings. */
function settingsIn(site: Installation, settings: unknown): void {
  for (const program of ["capidaemon", "capitoolbelt"])
    writeFileSync(join(site.folder, `${program}.json`), JSON.stringify(settings));
}

test(
  "a worker runs Python and tags of a script as one process does, byte for byte",
  async () => {
    const site = installation("python-worker");
    settingsIn(site, { custom_processors: { py_calc: {} } });
    const code = "def f(n):\n  return n * 3 + 1\ndef label(s):\n  return s.upper()\n";
    const pipeline = pythonPipeline(site.folder, { code, rows: 500 });
    await site.worker({ threads: 2 });
    const script = join(site.folder, "script.json");
    const ended = await site.toolbelt("run", script, "--keyspace", "python");
    expect(ended.code, ended.stderr).toBe(0);
    const calculated = readFileSync(join(pipeline.out, "calculated.csv"), "utf8");
    const rows = Array.from({ length: 500 }, (_, n) => `${n},${n * 3 + 1},TEXT ${n % 7}\n`);
    expect(calculated).toBe(`n,out,label\n${rows.join("")}`);
    expect(Object.keys(contentsOf(pipeline.out)).toSorted()).toEqual([
      "calculated.csv",
      "tagged.csv",
    ]);
  },
  PATIENCE_MS,
);

test(
  "a worker runs the processor module that its settings name; one without it fails the node and says so",
  async () => {
    const site = installation("module-worker");
    mkdirSync(join(site.folder, "examples"));
    cpSync(join(root, "examples", "processor"), join(site.folder, "examples", "processor"), {
      recursive: true,
    });
    const script = join("examples", "processor", "script.yaml");
    settingsIn(site, { custom_processors: { vat: { module: "examples/processor/vat.mjs" } } });
    const worker = await site.worker();
    const ended = await site.toolbelt("run", script, "--keyspace", "vat");
    expect(ended.code, ended.stderr).toBe(0);
    expect(readFileSync(join(site.folder, "gross.csv"), "utf8")).toContain("1,19,11.90\n");
    expect(await worker.stop()).toBe(0);
    writeFileSync(join(site.folder, "capidaemon.json"), "{}");
    await site.worker();
    const failed = await site.toolbelt("run", script, "--keyspace", "vat2");
    expect(failed.code, failed.stderr).toBe(1);
    expect(failed.stderr).toMatch(/add_vat: .*vat/);
  },
  PATIENCE_MS,
);

test(
  "a worker refuses what its settings do not allow, whoever started the run: folders and Python",
  async () => {
    const site = installation("access-worker");
    mkdirSync(join(site.folder, "elsewhere"));
    const env = { CAPI_DAEMON_WRITE_ROOTS: "elsewhere", CAPI_DAEMON_CODE: "false" };
    const worker = await site.worker({ env });
    const code = "def f(n):\n  return n\ndef label(s):\n  return s\n";
    const pipeline = pythonPipeline(site.folder, { code, rows: 5, batches: 1 });
    const script = join(site.folder, "script.json");
    const python = await site.toolbelt("run", script, "--keyspace", "python");
    expect(python.code, python.stderr).toBe(1);
    expect(python.stderr).toMatch(/calc: .*(policy|Python)/);
    const tiny = tinyPipeline(join(site.folder, "tiny"), { files: 1 });
    const files = await site.toolbelt("run", tiny.script, "--keyspace", "tiny");
    expect(files.code, files.stderr).toBe(1);
    expect(files.stderr).toMatch(/write_stock: .*the access policy does not allow to write/);
    expect(contentsOf(tiny.out)).toEqual({});
    expect(contentsOf(pipeline.out)).toEqual({});
    expect(await worker.stop()).toBe(0);
  },
  PATIENCE_MS,
);
