import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cli, main, type Ended } from "../support/cli.ts";
import { temporaryFolder } from "../support/folders.ts";
import { STOCK, tinyPipeline } from "../support/tiny-pipeline.ts";

/** One clear Fault: the exit code, no stack trace, the code and everything a person needs to find the spot. */
function expectFault(ended: Ended, code: number, mentions: readonly string[]): void {
  expect(ended.code, ended.stderr).toBe(code);
  expect(ended.stderr).not.toMatch(/^\s+at .*\(/m);
  for (const text of mentions) expect(ended.stderr.toLowerCase()).toContain(text.toLowerCase());
}

describe("flags", () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["an unknown flag gets a suggestion", ["run", "x.json", "--thread", "2"], ["--threads"]],
    ["an unknown command gets a suggestion", ["rum"], ["run"]],
    [
      "a number that is none is named",
      ["run", "x.json", "--threads", "many"],
      ["--threads", "many"],
    ],
    ["zero threads are refused", ["run", "x.json", "--threads", "0"], ["--threads"]],
    [
      "an unknown constant is refused",
      ["run", "x.json", "--set", "chunks=1"],
      ["chunks", "chunk_rows"],
    ],
    [
      "a parameter without = is refused",
      ["run", "x.json", "--param", "a"],
      ["--param", "name=value"],
    ],
    ["a missing script is named", ["run", "nowhere/none.json"], ["nowhere/none.json"]],
    ["no command prints the help", [], ["Usage"]],
  ];
  test.each(cases)("%s", async (_, args, mentions) => {
    const cwd = temporaryFolder("flags");
    expectFault(await cli(args, { cwd }), 2, mentions);
  });
});

describe("cells and files", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      "a cell that is no int",
      STOCK.replace("B-2,4", "B-2,4 pcs"),
      ["stock.csv", "line 3", "qty", "4 pcs", "int"],
    ],
    [
      "an int beyond 64 bits",
      STOCK.replace("B-2,4", "B-2,99999999999999999999"),
      ["line 3", "qty"],
    ],
    ["a ragged record", `${STOCK}D-4,6\n`, ["stock.csv", "line 5"]],
    ["a missing header", STOCK.replace("qty", "quantity"), ["stock.csv", "qty"]],
    ["bytes that are no UTF-8", "sku,qty,price\nA\u00ff,1,1\n", ["stock.csv", "line 2"]],
  ];
  test.each(cases)("%s fails the node and leaves no file", async (name, csv, mentions) => {
    const tiny = tinyPipeline(temporaryFolder("cells"), { csv });
    if (name.includes("UTF-8")) writeFileSync(join(tiny.folder, "in", "stock.csv"), csv, "latin1");
    expectFault(await cli(tiny.run), 1, ["read_stock", ...mentions]);
    expect(readdirSync(tiny.out)).toEqual([]);
  });

  test("a missing input starts the run and fails its batch, naming file and node", async () => {
    const tiny = tinyPipeline(temporaryFolder("missing"));
    rmSync(join(tiny.folder, "in", "stock.csv"));
    expectFault(await cli(tiny.run), 1, ["read_stock", "stock.csv"]);
  });

  test("a division by zero names node, line and field", async () => {
    const tiny = tinyPipeline(temporaryFolder("division"), { double: "10 / (r.col_qty - 4)" });
    expectFault(await cli(tiny.run), 1, ["read_stock", "line 3", "double", "division by zero"]);
  });

  test("a duplicate key names the index and both rows", async () => {
    const tiny = tinyPipeline(temporaryFolder("duplicate"), {
      csv: `${STOCK}A-1,9,1\n`,
      indexes: { idx_to_check_uniq_sku: "unique(sku)" },
    });
    expectFault(await cli(tiny.run), 1, ["idx_to_check_uniq_sku", "A-1"]);
  });

  test("a failed run does not touch the file of an earlier one", async () => {
    const tiny = tinyPipeline(temporaryFolder("earlier"));
    expect((await cli(tiny.run)).code).toBe(0);
    const before = readFileSync(join(tiny.out, "stock.csv"), "utf8");
    writeFileSync(join(tiny.folder, "in", "stock.csv"), STOCK.replace("B-2,4", "B-2,x"));
    expect((await cli(tiny.run)).code).toBe(1);
    expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
    expect(readFileSync(join(tiny.out, "stock.csv"), "utf8")).toBe(before);
  });

  test("T-26: one poisoned file does not stop the batches of the others, and the worker ends in order", async () => {
    const tiny = tinyPipeline(temporaryFolder("poison"), { files: 6 });
    writeFileSync(join(tiny.folder, "in", "stock_3.csv"), STOCK.replace("B-2,4", "B-2,x"));
    const ended = await cli([...tiny.run, "--json"]);
    expectFault(ended, 1, ["stock_3.csv"]);
    const report = JSON.parse(ended.stdout) as {
      nodes: { node: string; batches: { state: string; attempts: number }[] }[];
    };
    const batches = report.nodes.find(({ node }) => node === "read_stock")?.batches ?? [];
    expect(batches.map(({ state }) => state).toSorted()).toEqual([
      "fail",
      ...Array.from({ length: 5 }, () => "success"),
    ]);
    expect(batches.every(({ attempts }) => attempts === 1)).toBe(true);
  });
});

describe("folders and disks", () => {
  test("a missing output folder is made", async () => {
    const tiny = tinyPipeline(temporaryFolder("made"), { target: "new/deep/stock.csv" });
    expect((await cli(tiny.run)).code).toBe(0);
    expect(readdirSync(join(tiny.out, "new", "deep"))).toEqual(["stock.csv"]);
  });

  test("a target below a file fails the node", async () => {
    const tiny = tinyPipeline(temporaryFolder("below"), { target: "file/stock.csv" });
    writeFileSync(join(tiny.out, "file"), "");
    expectFault(await cli(tiny.run), 1, ["write_stock", "file"]);
  });

  test("a target that is a folder fails the node", async () => {
    const tiny = tinyPipeline(temporaryFolder("folder"));
    mkdirSync(join(tiny.out, "stock.csv"));
    expectFault(await cli(tiny.run), 1, ["write_stock", "stock.csv"]);
  });

  test("a data folder that is a file is refused with exit code 5", async () => {
    const tiny = tinyPipeline(temporaryFolder("data-file"));
    writeFileSync(tiny.data, "");
    expectFault(await cli(tiny.run), 5, [tiny.data]);
  });

  test("a data folder of a newer version is refused with exit code 5 and stays as it is", async () => {
    const tiny = tinyPipeline(temporaryFolder("newer"));
    expect((await cli(tiny.run)).code).toBe(0);
    const version = join(tiny.data, "version");
    writeFileSync(version, readFileSync(version, "utf8").replace(/\d+/, "999"));
    expectFault(await cli(tiny.run), 5, ["STORE_VERSION", "999"]);
  });

  test("an unknown keyspace, run and table are named with exit code 2", async () => {
    const tiny = tinyPipeline(temporaryFolder("unknown"));
    expect((await cli(tiny.run)).code).toBe(0);
    const at = ["--data", tiny.data];
    expectFault(await cli(["status", "--keyspace", "tinny", ...at]), 2, ["tinny"]);
    expectFault(await cli(["status", "--keyspace", "tiny", "--run", "7", ...at]), 2, ["7"]);
    expectFault(await cli(["preview", "stok", "--keyspace", "tiny", ...at]), 2, ["stok"]);
    expectFault(await cli(["resume", "--keyspace", "tiny", "--run", "1", ...at]), 2, ["complete"]);
  });
});

describe("other users and full disks", () => {
  const nobody = 65_534;
  const asNobody = (args: readonly string[]): Ended => {
    const ended = spawnSync(process.execPath, [main, ...args], {
      encoding: "utf8",
      uid: nobody,
      gid: nobody,
    });
    return { code: ended.status, signal: ended.signal, stdout: ended.stdout, stderr: ended.stderr };
  };

  test.runIf(process.getuid?.() === 0)("an input that may not be read fails its batch", () => {
    const tiny = tinyPipeline(temporaryFolder("unreadable"));
    chmodSync(tiny.folder, 0o777);
    chmodSync(join(tiny.folder, "in", "stock.csv"), 0o600);
    expectFault(asNobody(tiny.run), 1, ["read_stock", "stock.csv"]);
  });

  test.runIf(process.getuid?.() === 0)(
    "a target folder that may not be written fails the node",
    () => {
      const tiny = tinyPipeline(temporaryFolder("unwritable"));
      chmodSync(tiny.folder, 0o777);
      chmodSync(tiny.out, 0o755);
      expectFault(asNobody(tiny.run), 1, ["write_stock"]);
    },
  );

  test.runIf(process.getuid?.() === 0)(
    "a data folder that may not be written ends with exit code 5",
    () => {
      const tiny = tinyPipeline(temporaryFolder("readonly"));
      chmodSync(tiny.folder, 0o755);
      expectFault(asNobody(tiny.run), 5, ["data"]);
    },
  );

  const withDisk = (folder: string, megabytes: number): void => {
    mkdirSync(folder, { recursive: true });
    const mounted = spawnSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${megabytes}m`,
      "tmpfs",
      folder,
    ]);
    if (mounted.status !== 0)
      throw new Error(`no small disk could be made: ${String(mounted.stderr)}`);
    onTestFinished(() => void spawnSync("umount", ["-l", folder]));
  };

  const manyRows = `sku,qty,price\n${Array.from({ length: 200_000 }, (_, at) => `SKU-${at}-${"x".repeat(40)},${at},1.5`).join("\n")}\n`;

  test.runIf(process.getuid?.() === 0)(
    "a full disk below a target fails that batch and leaves no file",
    async () => {
      const tiny = tinyPipeline(temporaryFolder("full-target"), {
        csv: manyRows,
        target: "disk/stock.csv",
      });
      withDisk(join(tiny.out, "disk"), 2);
      expectFault(await cli(tiny.run), 1, ["write_stock", "disk"]);
      expect(readdirSync(join(tiny.out, "disk"))).toEqual([]);
    },
  );

  test.runIf(process.getuid?.() === 0)(
    "a full data disk leaves the run unfinished with exit code 5, and resume finishes it",
    async () => {
      const tiny = tinyPipeline(temporaryFolder("full-data"), { csv: manyRows });
      withDisk(tiny.data, 6);
      expectFault(await cli(tiny.run), 5, ["DISK_FULL"]);
      expect(readdirSync(tiny.out)).toEqual([]);
      spawnSync("mount", ["-o", "remount,size=200m", tiny.data]);
      const resumed = await cli(["resume", "--keyspace", "tiny", "--data", tiny.data]);
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(readdirSync(tiny.out)).toEqual(["stock.csv"]);
    },
  );
});
