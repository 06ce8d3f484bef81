import { expect, test } from "vitest";
import { temporaryFolder } from "../test/support/folders.ts";
import { STOCK, tinyPipeline } from "../test/support/tiny-pipeline.ts";
import { CLEAR_LINE } from "./progress.ts";
import { openConsole } from "./test-support/console.ts";

const LONG = "no number, whatever one may think of it, and long enough for two lines of a terminal";

test("on a terminal a node that fails is one line while the run goes on; its whole cause stands at the end", async () => {
  const tiny = tinyPipeline(temporaryFolder("progress"), {
    csv: STOCK.replace("B-2,4", `B-2,"${LONG}"`),
  });
  const columns = 60;
  const console = openConsole(tiny.folder, { isTerminal: true, columns });
  expect(await console.run(...tiny.run, "--threads", "1")).toBe(1);
  const [live = "", summary = ""] = console.err().split("node         state");
  const lines = live.split(CLEAR_LINE).flatMap((text) => text.split("\n"));
  expect(
    lines.filter((line) => line.startsWith("read_stock: ") && line.endsWith("…")),
  ).toHaveLength(1);
  expect(lines.filter((line) => Array.from(line).length >= columns)).toEqual([]);
  expect(summary).toContain(LONG.slice(0, 50));
  const piped = openConsole(tiny.folder);
  expect(await piped.run(...tiny.run, "--threads", "1")).toBe(1);
  expect(piped.err().split("node         state")[0]).toContain(LONG.slice(0, 50));
}, 60_000);
