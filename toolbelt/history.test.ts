import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { STOCK, tinyPipeline, type Tiny, type TinyOptions } from "../test/support/tiny-pipeline.ts";
import { openConsole, type Console } from "./test-support/console.ts";

const SLOW = 60_000;
const golden = join(import.meta.dirname, "..", "test", "data", "history");

interface Place {
  readonly tiny: Tiny;
  readonly console: Console;
  /** stdout of a command that must end with that code. */
  readonly call: (code: number, ...args: readonly string[]) => Promise<string>;
  readonly run: (code: number) => Promise<string>;
}

function openPlace(options: TinyOptions = {}): Place {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-history-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const tiny = tinyPipeline(folder, options);
  const console = openConsole(folder);
  const call = async (code: number, ...args: readonly string[]): Promise<string> => {
    console.clear();
    expect(await console.run(...args), console.err()).toBe(code);
    return console.out();
  };
  return { tiny, console, call, run: (code) => call(code, ...tiny.run, "--threads", "1") };
}

/** All three histories, without what differs from run to run. */
async function histories({ call, tiny }: Place): Promise<string> {
  const commands = [["get_run_history"], ["get_node_history"], ["get_batch_history"]];
  const parts: string[] = [];
  for (const [name] of commands) {
    const text = await call(0, String(name), "-keyspace=tiny", `-data=${tiny.data}`);
    expect(text).toMatch(/^ts,run_id,/);
    const times = text.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000,/gm) ?? [];
    expect(times).toHaveLength(text.trimEnd().split("\n").length - 1);
    const columns = text.split("\n", 1).join("").split(",").length;
    for (const row of text.trimEnd().split("\n")) expect(row.split(",")).toHaveLength(columns);
    parts.push(`$ ${name}\n${text}`);
  }
  const text = parts
    .join("\n")
    .replaceAll(/^\d{4}-[^,]*,/gm, "TIME,")
    .replaceAll(/elapsed [\d.]+s/g, "elapsed N")
    .replaceAll(tiny.folder, "DIR");
  return nodesInOrder(text.split("\n")).join("\n");
}

/** What happens to several nodes for one reason happens side by side: such rows that follow each other come in the order of their nodes. */
function nodesInOrder(lines: readonly string[]): readonly string[] {
  const reasonOf = (line = ""): string => line.replace(/^(TIME,\d+,)[a-z_]+,/, "$1");
  const groups: string[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last !== undefined && reasonOf(last[0]) === reasonOf(line)) last.push(line);
    else groups.push([line]);
  }
  return groups.flatMap((group) => group.toSorted());
}

const expectGolden = async (name: string, place: Place): Promise<void> =>
  expect(await histories(place)).toMatchFileSnapshot(join(golden, `${name}.txt`));

describe("histories are what their golden files say", () => {
  test(
    "after success",
    async () => {
      const place = openPlace({ files: 2, indexes: {} });
      await place.run(0);
      await expectGolden("success", place);
    },
    SLOW,
  );

  test(
    "after a failed batch, and of the node that cannot run because of it (nogo)",
    async () => {
      const place = openPlace({ files: 2 });
      writeFileSync(join(place.tiny.folder, "in", "stock_1.csv"), `${STOCK}D-4,many,1.00\n`);
      await place.run(1);
      await expectGolden("fail", place);
    },
    SLOW,
  );

  test(
    "after a policy said nogo to the results of an invalidated run",
    async () => {
      const place = openPlace();
      const { tiny, call } = place;
      await place.run(0);
      await call(0, "stop_run", "-keyspace=tiny", "-run_id=1", `-data=${tiny.data}`);
      await call(1, ...tiny.run, "--threads", "1", "--start", "write_stock");
      await expectGolden("nogo", place);
    },
    SLOW,
  );

  test("after a stop before any worker came", async () => {
    const place = openPlace({ files: 2 });
    const { tiny, call } = place;
    const flags = ["-keyspace=tiny", `-script_file=${tiny.script}`, `-data=${tiny.data}`];
    expect(await call(0, "start_run", ...flags, "-start_nodes=read_stock,")).toBe("1\n");
    const stop = ["-run_id=1", "-comment=wrong month, again"];
    expect(await call(0, "stop_run", "-keyspace=tiny", ...stop, `-data=${tiny.data}`)).toBe("");
    await expectGolden("stop", place);
  });

  test(
    "after a completed run was invalidated",
    async () => {
      const place = openPlace();
      await place.run(0);
      const comment = "-comment=prices were wrong\nsee ticket";
      const data = `-data=${place.tiny.data}`;
      await place.call(0, "stop_run", "-keyspace=tiny", "-run_id=1", comment, data);
      await expectGolden("invalidate", place);
    },
    SLOW,
  );

  test(
    "after a retry, which takes over what succeeded and executes the rest",
    async () => {
      const place = openPlace({ files: 2 });
      const { tiny, call } = place;
      const second = join(tiny.folder, "in", "stock_1.csv");
      writeFileSync(second, `${STOCK}D-4,many,1.00\n`);
      await place.run(1);
      writeFileSync(second, `${STOCK}D-4,9,1.00\n`);
      const data = ["--keyspace", "tiny", "--data", tiny.data, "--threads", "1"];
      await call(0, "retry", ...data, "--changed-files");
      await call(0, "retry", ...data, "--node", "write_stock");
      await expectGolden("retry", place);
    },
    SLOW,
  );

  test(
    "after exec_node, node by node",
    async () => {
      const place = openPlace();
      const { tiny, call } = place;
      const flags = [
        "exec_node",
        "-keyspace=tiny",
        `-script_file=${tiny.script}`,
        `-data=${tiny.data}`,
        "--threads=1",
      ];
      expect(await call(0, ...flags, "-node_id=read_stock")).toMatch(
        /^run 1, elapsed \d+\.\d{3}s\n$/,
      );
      expect(await call(0, ...flags, "-run_id=0", "-node_id=write_stock")).toMatch(
        /^run 2, elapsed/,
      );
      await expectGolden("exec-node", place);
      await call(2, ...flags, "-run_id=1", "-node_id=write_stock");
      expect(place.console.err()).toContain("resume");
    },
    SLOW,
  );
});

test(
  "a run that start_run made is executed by whoever resumes it, and its number is all of stdout",
  async () => {
    const { tiny, call, console } = openPlace();
    const flags = ["-keyspace=tiny", `-script_file=${tiny.script}`, `-data=${tiny.data}`];
    expect(await call(0, "start_run", ...flags)).toBe("1\n");
    expect(console.err()).toContain("resume --keyspace tiny --run 1");
    expect(await call(0, "resume", "--data", tiny.data, "--threads", "1")).toBe("");
    const rows = await call(0, "get_run_history", "-keyspace=tiny", `-data=${tiny.data}`);
    expect(
      rows
        .trimEnd()
        .split("\n")
        .map((row) => row.split(",")[2]),
    ).toEqual(["status", "1", "2"]);
  },
  SLOW,
);

test(
  "exec_node of a node that fails exits with 1 and still prints run and time",
  async () => {
    const { tiny, call } = openPlace({ csv: "sku,qty,price\nA-1,many,1\n" });
    const flags = ["-keyspace=tiny", `-script_file=${tiny.script}`, `-data=${tiny.data}`];
    const text = await call(1, "exec_node", ...flags, "-node_id=read_stock", "--threads=1");
    expect(text).toMatch(/^run 1, elapsed/);
  },
  SLOW,
);

test("histories choose by run and node, and refuse what does not exist", async () => {
  const { tiny, call, console } = openPlace();
  const place = ["-keyspace=tiny", `-data=${tiny.data}`];
  const start = () => call(0, "start_run", ...place, `-script_file=${tiny.script}`);
  await start();
  await call(0, "stop_run", ...place, "-run_id=1");
  await start();
  await call(0, "stop_run", ...place, "-run_id=2");
  const runs = async (...more: readonly string[]): Promise<unknown> => {
    const text = await call(0, ...more, ...place);
    return [
      ...new Set(
        text
          .trimEnd()
          .split("\n")
          .slice(1)
          .map((row) => row.split(",")[1]),
      ),
    ];
  };
  expect(await runs("get_node_history")).toEqual(["1", "2"]);
  expect(await runs("get_node_history", "-run_ids=2,")).toEqual(["2"]);
  expect(await runs("get_batch_history", "-run_id=1", "-node=read_stock")).toEqual(["1"]);
  expect(await runs("get_batch_history", "-run_ids=1,2", "-nodes=read_stock")).toEqual(["1", "2"]);
  await call(2, "get_batch_history", ...place, "-run_id=3", "-node=read_stock");
  await call(2, "get_batch_history", ...place, "-run_id=1", "-node=read_stok");
  expect(console.err()).toContain('Did you mean "read_stock"?');
  await call(2, "get_node_history", ...place, "-run_ids=one");
  await call(2, "get_run_history", "-keyspace=other", `-data=${tiny.data}`);
});
