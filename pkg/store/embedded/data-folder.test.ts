import { appendFileSync, copyFileSync, existsSync, readdirSync, truncateSync } from "node:fs";
import { chmod, cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkDataFolder } from "./data-folder.ts";
import { openEmbeddedControl } from "./embedded-control.ts";
import { openEmbeddedTables } from "./embedded-tables.ts";

const place = { incarnation: "i1", run: 1, node: "read", phase: "rows", unit: 0, token: "t" };
const chunk = (seq: number) => ({ kind: "chunk", name: "", part: -1, seq }) as const;
const piece = (seq: number, length = 1000) => ({
  piece: chunk(seq),
  data: new Uint8Array(length).fill(seq),
});

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "capillaries-folder-"));
  folder = join(parent, "data");
});
afterEach(() => rm(parent, { recursive: true }));

const refusal = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => "no refusal",
    (error: { readonly code: unknown }) => error.code,
  );

/** A data folder with some records and one table, closed again. */
async function fill(): Promise<void> {
  await using control = await openEmbeddedControl({ folder });
  await control.openKeyspace("k", "i1");
  for (let n = 0; n < 300; n += 1) await control.putDocument(`${n}${"x".repeat(1000)}`);
  await using tables = await openEmbeddedTables({ folder });
  await tables.write(place, [piece(0), piece(1, 3_000_000)]);
}
const controlData = () => join(folder, "control", "data.mdb");
const tableData = () => join(folder, "k.i1", "run-1", "read", "data.mdb");

describe("a data folder", () => {
  test("is made when it is absent, with the folders above it", async () => {
    folder = join(parent, "a", "b");
    await using control = await openEmbeddedControl({ folder });
    expect(await control.keyspaces()).toEqual([]);
    expect(await readFile(join(folder, "version"), "utf8")).toBe("1\n");
  });

  test("of a newer version is refused and left alone", async () => {
    await fill();
    await writeFile(join(folder, "version"), "2\n");
    const before = await stat(controlData());
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_VERSION");
    expect(await refusal(openEmbeddedTables({ folder }))).toBe("STORE_VERSION");
    expect(await refusal(checkDataFolder(folder))).toBe("STORE_VERSION");
    expect((await stat(controlData())).mtimeMs).toBe(before.mtimeMs);
  });

  test.each(["", "one\n", "1", "-1\n"])("with the version text %j is damaged", async (text) => {
    await fill();
    await writeFile(join(folder, "version"), text);
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_DAMAGED");
  });

  test("that is a file, or below a file, is unavailable", async () => {
    await writeFile(folder, "");
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_UNAVAILABLE");
    folder = join(folder, "data");
    expect(await refusal(openEmbeddedTables({ folder }))).toBe("STORE_UNAVAILABLE");
  });

  test.skipIf(process.getuid?.() === 0)("without the right to write is unavailable", async () => {
    await fill();
    await chmod(folder, 0o500);
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_UNAVAILABLE");
    await chmod(folder, 0o700);
  });

  test("that does not exist is unavailable to those who only look", async () => {
    expect(await refusal(openEmbeddedControl({ folder, readOnly: true }))).toBe(
      "STORE_UNAVAILABLE",
    );
    expect(existsSync(folder)).toBe(false);
  });

  test("without a control store yet is unavailable to those who only look", async () => {
    await checkDataFolder(folder);
    expect(await refusal(openEmbeddedControl({ folder, readOnly: true }))).toBe(
      "STORE_UNAVAILABLE",
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test("that lost its control store is damaged", async () => {
    await fill();
    await rm(join(folder, "control"), { recursive: true });
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_DAMAGED");
  });

  test.each([0, 100, 4096, 8192, 12_288, 100_000])(
    "whose control store was cut to %i bytes is damaged",
    async (size) => {
      await fill();
      truncateSync(controlData(), size);
      expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_DAMAGED");
    },
  );

  test("whose control store was overwritten is damaged", async () => {
    await fill();
    const { size } = await stat(controlData());
    await writeFile(controlData(), new Uint8Array(size).fill(0xab));
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_DAMAGED");
  });

  test("whose control store has another file format is refused as another version", async () => {
    await fill();
    const bytes = await readFile(controlData());
    bytes.writeUInt32LE(9, 28);
    await writeFile(controlData(), bytes);
    expect(await refusal(openEmbeddedControl({ folder }))).toBe("STORE_VERSION");
  });

  test("deleted while it is open is unavailable", async () => {
    await fill();
    await using control = await openEmbeddedControl({ folder });
    await using tables = await openEmbeddedTables({ folder });
    await rm(folder, { recursive: true });
    expect(await refusal(control.keyspaces())).toBe("STORE_UNAVAILABLE");
    expect(await refusal(control.putDocument("x"))).toBe("STORE_UNAVAILABLE");
    expect(await refusal(tables.write(place, [piece(2)]))).toBe("STORE_UNAVAILABLE");
    await fill();
    expect(await refusal(control.putDocument("x"))).toBe("STORE_UNAVAILABLE");
  });

  test("closed twice stays closed, and refuses after that", async () => {
    const control = await openEmbeddedControl({ folder });
    const written = control.putDocument("x");
    await control[Symbol.asyncDispose]();
    await control[Symbol.asyncDispose]();
    expect(await refusal(written)).toBe("no refusal");
    expect(await refusal(control.keyspaces())).toBe("STORE_UNAVAILABLE");
    expect(await refusal(control.putSession({} as never))).toBe("STORE_UNAVAILABLE");
  });
});

describe("a table environment", () => {
  test("that is an older copy lacks what came later", async () => {
    await fill();
    const copy = join(parent, "copy.mdb");
    copyFileSync(tableData(), copy);
    {
      await using tables = await openEmbeddedTables({ folder });
      await tables.write(place, [piece(2)]);
    }
    await rm(join(folder, "k.i1", "run-1", "read", "lock.mdb"));
    copyFileSync(copy, tableData());
    await using tables = await openEmbeddedTables({ folder });
    expect((await tables.read(place, chunk(1))).length).toBe(3_000_000);
    expect(await refusal(tables.read(place, chunk(2)))).toBe("TABLE_DAMAGED");
  });

  test("that was replaced while it was open is opened again when a piece is missing", async () => {
    await fill();
    await using tables = await openEmbeddedTables({ folder });
    await tables.read(place, chunk(0));
    const keyspace = join(folder, "k.i1");
    await cp(keyspace, join(parent, "copy"), { recursive: true });
    await rm(keyspace, { recursive: true });
    await cp(join(parent, "copy"), keyspace, { recursive: true });
    await using other = await openEmbeddedTables({ folder });
    await tables.write(place, [piece(5)]);
    expect((await other.read(place, chunk(5))).length).toBe(1000);
  });

  test.each([100, 4096, 8192, 20_000, 1_000_000])("cut to %i bytes is damaged", async (size) => {
    await fill();
    truncateSync(tableData(), size);
    await using tables = await openEmbeddedTables({ folder });
    expect(await refusal(tables.read(place, chunk(1)))).toBe("TABLE_DAMAGED");
    expect(await refusal(tables.write(place, [piece(9)]))).toBe("TABLE_DAMAGED");
  });

  test("that is gone is damaged", async () => {
    await fill();
    await rm(join(folder, "k.i1"), { recursive: true });
    await using tables = await openEmbeddedTables({ folder });
    expect(await refusal(tables.read(place, chunk(1)))).toBe("TABLE_DAMAGED");
    expect(await refusal(tables.write(place, [piece(9)]))).toBe("KEYSPACE_MISSING");
  });

  test("is written without a control store too", async () => {
    await using tables = await openEmbeddedTables({ folder });
    await tables.write(place, [piece(0)]);
    expect((await tables.read(place, chunk(0))).length).toBe(1000);
    await tables.drop("i1");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("leaves nothing behind when its keyspace is dropped, also after a drop that was cut short", async () => {
    await fill();
    appendFileSync(tableData(), "");
    await cp(join(folder, "k.i1"), join(folder, ".trash-i1"), { recursive: true });
    await using tables = await openEmbeddedTables({ folder });
    await tables.read(place, chunk(0));
    await tables.drop("i1");
    expect(readdirSync(folder).toSorted()).toEqual(["control", "version"]);
  });
});

describe("after another boot", () => {
  const cause = { code: "INTERNAL", message: "", hint: "", retryable: true, facts: {} } as const;

  test("tables that were not flushed are missing and begin anew; flushed ones are kept", async () => {
    {
      await using tables = await openEmbeddedTables({ folder, boot: "monday" });
      await tables.write(place, [piece(0)]);
      await tables.write({ ...place, node: "done" }, [piece(0)]);
      await tables.flush({ ...place, node: "done" });
    }
    await using tables = await openEmbeddedTables({ folder, boot: "tuesday" });
    await using other = await openEmbeddedTables({ folder, boot: "tuesday" });
    expect(await refusal(tables.read(place, chunk(0)))).toBe("TABLE_DAMAGED");
    expect((await tables.read({ ...place, node: "done" }, chunk(0))).length).toBe(1000);
    await Promise.all([tables.write(place, [piece(1)]), other.write(place, [piece(2)])]);
    expect(await refusal(tables.read(place, chunk(0)))).toBe("TABLE_DAMAGED");
    expect((await tables.read(place, chunk(2))).length).toBe(1000);
    expect((await other.read(place, chunk(1))).length).toBe(1000);
  });

  test("units of unfinished nodes of running runs are pending again and say why", async () => {
    const unit = { incarnation: "i1", run: 1, node: "read", phase: "rows", unit: 0 } as const;
    const claim = { key: unit, token: "t", session: "s", epoch: 1, at: 0 };
    const commit = { key: unit, token: "t", epoch: 1, at: 0, result: { cause } };
    const ended = { ...unit, node: "ended" };
    {
      await using control = await openEmbeddedControl({ folder, boot: "monday" });
      await control.openKeyspace("k", "i1");
      await control.insertRun(aRun(["read", "ended"]));
      const [read, other] = await control.nodes("i1", 1);
      if (!read || !other) throw new Error("no nodes");
      const plan = { phases: [{ name: "rows", units: 1 }], batches: 1, partitions: 1 } as const;
      await control.updateNode({ ...read, version: 2, state: "running", plan, phase: 1 });
      await control.updateNode({ ...other, version: 2, state: "fail", plan });
      for (const key of [unit, ended]) {
        await control.claimUnit({ ...claim, key });
        await control.commitUnit({ ...commit, key });
      }
    }
    await using control = await openEmbeddedControl({ folder, boot: "tuesday", now: () => 77 });
    expect(await control.unit(unit)).toBeUndefined();
    expect(await control.progress(unit)).toEqual({ succeeded: 0, failed: 0, rejected: 0 });
    expect(await control.unit(ended)).toMatchObject({ state: "fail" });
    expect((await control.nodes("i1", 1))[0]).toMatchObject({ version: 3, phase: 0 });
    expect(await control.events("i1", 1, 0)).toMatchObject([{ at: 77, kind: "lost" }]);
    const { granted, record } = await control.claimUnit({ ...claim, token: "u" });
    expect(granted).toBe(true);
    expect(record).toMatchObject({ attempt: 2, faults: 0, losses: 0 });
    expect(record?.causes.at(-1)?.message).toContain("lost by power failure");
    await using again = await openEmbeddedControl({ folder, boot: "tuesday" });
    expect(await again.unit(unit)).toMatchObject({ state: "running" });
  });

  const aRun = (affected: readonly string[]) =>
    ({
      incarnation: "i1",
      keyspace: "k",
      run: 1,
      version: 1,
      state: "running",
      epoch: 1,
      startNodes: [],
      affected,
      executors: [],
      documents: { script: "", scriptText: "", parameters: "", inputs: "" },
      scriptUrl: "",
      parametersUrl: "",
      description: "",
      startedBy: "",
      constants: { chunkRows: 1, chunkBytes: 1, rangeSize: 1, broadcastLimit: 1, partitions: 0 },
      outputs: [],
      startedAt: 1,
      comment: "",
    }) as const;
});
