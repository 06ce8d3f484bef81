import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { describeTableStore } from "../tables.contract.ts";
import type { AttemptPlace, Piece } from "../tables.ts";
import { openEmbeddedControl } from "./embedded-control.ts";
import { openEmbeddedTables } from "./embedded-tables.ts";

/** Large files are closed between reads; with `mappedBytes` 0 all are large. */
for (const [name, options] of [
  ["embedded", {}],
  ["embedded, every file large", { mappedBytes: 0 }],
] as const)
  describeTableStore(name, async () => {
    const folder = await mkdtemp(join(tmpdir(), "capillaries-tables-"));
    const control = await openEmbeddedControl({ folder });
    const tables = await openEmbeddedTables({ folder, ...options });
    let keyspaces = 0;
    return {
      tables,
      sweeps: true,
      async newKeyspace() {
        keyspaces += 1;
        const { incarnation } = await control.openKeyspace(`k${keyspaces}`, `i${keyspaces}`);
        return incarnation;
      },
      again: () => openEmbeddedTables({ folder, ...options }),
      async close() {
        await tables[Symbol.asyncDispose]();
        await control[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    };
  });

const PIECE_BYTES = 300_000;
const PIECES = 40;
const READ: Piece = { kind: "chunk", name: "", part: 0, seq: 0 };

/** Kilobytes of the mapped file of the node that are in the memory of this process; undefined where the system does not tell. */
async function mappedKb(node: string): Promise<number | undefined> {
  const maps = await readFile("/proc/self/smaps", "utf8").catch(() => undefined);
  if (maps === undefined) return undefined;
  const own = maps
    .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
    .filter((map) => map.includes(`/${node}/data.mdb`));
  return own.reduce((sum, map) => sum + Number(/^Rss:\s+(\d+)/m.exec(map)?.[1]), 0);
}

test("P8: pages of a large table do not pile up in the memory of who reads it, one after the other or from several ends", async () => {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-tables-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using control = await openEmbeddedControl({ folder });
  const { incarnation } = await control.openKeyspace("k", "i");
  await using tables = await openEmbeddedTables({ folder, mappedBytes: 1 << 20 });
  const place: AttemptPlace = {
    incarnation,
    run: 1,
    node: "large",
    phase: "rows",
    unit: 0,
    token: "t",
  };
  const data = (seq: number): Uint8Array => new Uint8Array(PIECE_BYTES).fill(seq);
  for (let seq = 0; seq < PIECES; seq += 1)
    await tables.write(place, [{ piece: { ...READ, seq }, data: data(seq) }]);
  let most = 0;
  let seq = 0;
  for await (const bytes of tables.readMany(place, READ, PIECES)) {
    expect(Buffer.compare(bytes, data(seq))).toBe(0);
    const other = PIECES - 1 - seq;
    const again = await tables.read(place, { ...READ, seq: other });
    expect(Buffer.compare(again, data(other))).toBe(0);
    most = Math.max(most, (await mappedKb("large")) ?? 0);
    seq += 1;
  }
  expect(seq).toBe(PIECES);
  // A read-ahead of 2 MB, a piece, and what the system maps around them; the file has 12 MB.
  expect(most).toBeLessThan(6000);
  await vi.waitFor(async () => expect((await mappedKb("large")) ?? 0).toBe(0));
});
