import * as fc from "fast-check";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { forEachLimit } from "#pkg/async";
import { describeTableStore } from "../tables.contract.ts";
import type { AttemptPlace, Piece, TableStore } from "../tables.ts";
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
      takesLateWrites: false,
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

interface Opened extends AsyncDisposable {
  readonly folder: string;
  readonly tables: TableStore;
  readonly place: AttemptPlace;
}

/** A table of PIECES pieces in a store that takes files from 1 MB on for large. */
async function openLarge(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "capillaries-tables-"));
  const control = await openEmbeddedControl({ folder });
  const { incarnation } = await control.openKeyspace("k", "i");
  const tables = await openEmbeddedTables({ folder, mappedBytes: 1 << 20 });
  const place = { incarnation, run: 1, node: "large", phase: "rows", unit: 0, token: "t" } as const;
  for (let seq = 0; seq < PIECES; seq += 1)
    await tables.write(place, [{ piece: { ...READ, seq }, data: dataOf(seq) }]);
  return {
    folder,
    tables,
    place,
    async [Symbol.asyncDispose]() {
      await tables[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

const dataOf = (seq: number): Uint8Array => new Uint8Array(PIECE_BYTES).fill(seq);

test("P8: pages of a large table do not pile up in the memory of who reads it, one after the other or from several ends", async () => {
  await using large = await openLarge();
  const { tables, place } = large;
  let most = 0;
  let seq = 0;
  for await (const bytes of tables.readMany(place, READ, PIECES)) {
    expect(Buffer.compare(bytes, dataOf(seq))).toBe(0);
    const other = PIECES - 1 - seq;
    const again = await tables.read(place, { ...READ, seq: other });
    expect(Buffer.compare(again, dataOf(other))).toBe(0);
    most = Math.max(most, (await mappedKb("large")) ?? 0);
    seq += 1;
  }
  expect(seq).toBe(PIECES);
  // A read-ahead of 2 MB, a piece, and what the system maps around them; the file has 12 MB.
  expect(most).toBeLessThan(6000);
  await vi.waitFor(async () => expect((await mappedKb("large")) ?? 0).toBe(0));
});

test("P8: nor do they where the thread that wrote the table has nothing more to do", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await using large = await openLarge();
  const { tables, place, folder } = large;
  await using reader = await openEmbeddedTables({ folder, mappedBytes: 1 << 20 });
  const written = { ...place, node: "written" };
  for (let seq = 0; seq < PIECES; seq += 1) {
    await tables.write(written, [{ piece: { ...READ, seq }, data: dataOf(seq) }]);
    // So often looked at while it was small, and in use since.
    vi.advanceTimersByTime(40);
  }
  vi.advanceTimersByTime(200);
  let most = 0;
  for await (const bytes of reader.readMany(written, READ, PIECES)) {
    expect(bytes).toHaveLength(PIECE_BYTES);
    most = Math.max(most, (await mappedKb("written")) ?? 0);
  }
  expect(most).toBeLessThan(6000);
});

test("P8: a large table whose file cannot be looked at any more is let go of, and the thread goes on", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await using large = await openLarge();
  const { tables, place, folder } = large;
  await tables.read(place, READ);
  const files = await readdir(folder, { recursive: true });
  const node = join(folder, files.find((path) => path.endsWith("/large")) ?? "");
  const moved = join(folder, "moved");
  await rename(node, moved);
  // Looking at a file below a file is an error, not an absence.
  await writeFile(node, "");
  expect(await mappedKb("moved")).not.toBe(0);
  expect(() => vi.advanceTimersByTime(200)).not.toThrow();
  vi.useRealTimers();
  await vi.waitFor(async () => expect((await mappedKb("moved")) ?? 0).toBe(0));
  await rm(node);
  await rename(moved, node);
  expect(Buffer.compare(await tables.read(place, READ), dataOf(0))).toBe(0);
});

test("P8: who only reads a large table comes to the event loop all the same, where what lmdb kept of closed environments is freed", async () => {
  await using large = await openLarge();
  const { tables, place } = large;
  let turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  let pieces = 0;
  for await (const { length } of tables.readMany(place, READ, PIECES)) {
    expect(length).toBe(PIECE_BYTES);
    pieces += 1;
  }
  clearImmediate(next);
  expect(pieces).toBe(PIECES);
  // 12 MB in steps of 2.
  expect(turns).toBeGreaterThan(3);
});

test("readers and writers of one thread do not close a large table under each other", async () => {
  await using large = await openLarge();
  const { tables, place } = large;
  const other = { ...place, node: "other" };
  for (let part = 0; part < 10; part += 1)
    await tables.write(other, [{ piece: { ...READ, part }, data: dataOf(part) }]);
  const once = async (seq: number): Promise<void> => {
    const bytes = await tables.read(place, { ...READ, seq });
    expect(bytes[seq]).toBe(seq);
  };
  const many = async (first: number, count: number): Promise<void> => {
    let seq = first;
    for await (const bytes of tables.readMany(place, { ...READ, seq }, count))
      expect(bytes[0]).toBe(seq++);
  };
  const uses = [
    (at: number) => once(at % PIECES),
    (at: number) => many(at % 30, 1 + (at % 9)),
    (at: number) => tables.write(place, [{ piece: { ...READ, part: at }, data: dataOf(at) }]),
    (at: number) => tables.write(other, [{ piece: { ...READ, part: at }, data: dataOf(at) }]),
    () => tables.flush(place),
    () => tables.sweep(place, new Set([place.token])),
  ];
  const usage = fc.tuple(fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 3, 3, 3, 4, 5), fc.nat(1000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(usage, { maxLength: 60 }),
      fc.integer({ min: 2, max: 9 }),
      (steps, flows) =>
        forEachLimit(steps.values(), flows, ([use, at]) =>
          (uses[use] as (typeof uses)[number])(at),
        ),
    ),
  );
});
