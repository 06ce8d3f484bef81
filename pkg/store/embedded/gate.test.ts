import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AttemptPlace } from "../tables.ts";
import { openEmbeddedControl } from "./embedded-control.ts";
import { openEmbeddedTables } from "./embedded-tables.ts";

const KEYSPACES = 120;
const PIECE = { kind: "chunk", name: "", part: 0, seq: 0 } as const;
const known = test.skipIf(process.platform !== "linux");

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "capillaries-gate-"));
});
afterEach(() => rm(folder, { recursive: true }));

const placeIn = (incarnation: string): AttemptPlace => ({
  incarnation,
  run: 1,
  node: "table",
  phase: "rows",
  unit: 0,
  token: "t",
});

/** Files of the data folder that this process has open. */
async function filesOpen(): Promise<readonly string[]> {
  const descriptors = await readdir("/proc/self/fd");
  const paths = await Promise.all(
    descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
  );
  return paths.filter((path) => path.startsWith(folder));
}

known(
  "a process that makes and drops keyspaces all its life keeps no file of them open",
  async () => {
    await using control = await openEmbeddedControl({ folder });
    await using tables = await openEmbeddedTables({ folder });
    await using others = await openEmbeddedTables({ folder });
    for (let at = 0; at < KEYSPACES; at += 1) {
      const { incarnation } = await control.openKeyspace("k", `i${at}`);
      const place = placeIn(incarnation);
      await tables.write(place, [{ piece: PIECE, data: new Uint8Array([at]) }]);
      await control.beginDrop("k", incarnation);
      // Another store of the process may have its table open, also when the keyspace is gone.
      expect(await others.read(place, PIECE)).toEqual(new Uint8Array([at]));
      await tables.drop(incarnation);
      await control.endDrop("k", incarnation);
    }
    const { incarnation } = await control.openKeyspace("k", "last");
    await tables.write(placeIn(incarnation), [{ piece: PIECE, data: new Uint8Array(1) }]);
    await vi.waitFor(async () => {
      const gates = (await filesOpen()).filter((path) => path.includes("/gate/"));
      // Lock and data of the gates of the control store and of the last keyspace.
      expect(gates.filter((path) => path.endsWith("(deleted)"))).toEqual([]);
      expect(new Set(gates).size).toBeLessThanOrEqual(4);
    });
  },
);

known("what a process keeps of each keyspace it has worked on is a few kilobytes", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  await using control = await openEmbeddedControl({ folder });
  await using tables = await openEmbeddedTables({ folder });
  const work = async (from: number, to: number): Promise<number> => {
    const before = used();
    for (let at = from; at < to; at += 1) {
      const { incarnation } = await control.openKeyspace(`k${at}`, `i${at}`);
      await tables.write(placeIn(incarnation), [{ piece: PIECE, data: new Uint8Array([at]) }]);
    }
    return (used() - before) / (to - from);
  };
  await work(0, KEYSPACES / 2);
  // A list of what the process has mapped is 50 kB and longer with each keyspace.
  expect(await work(KEYSPACES / 2, KEYSPACES)).toBeLessThan(20_000);
});
