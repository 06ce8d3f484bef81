import { describe, expect, test } from "vitest";
import { Fault } from "#pkg/fault";
import { fileTable, tableFile } from "./test-support/nodes.ts";
import { ScriptRun, type RunOptions } from "./test-support/run-script.ts";

const TYPES = { id: "int", name: "string" };

const table = (urls: readonly string[], having = ""): object => ({
  ...fileTable("rows", urls, TYPES, having === "" ? {} : { having }),
  ...tableFile("rows", TYPES),
});

const many = (rows: number): string =>
  ["id,name", ...Array.from({ length: rows }, (_, id) => `${id},"name, ${id}"`), ""].join("\n");

async function content(
  input: string,
  options: RunOptions,
  having?: string,
): Promise<string | undefined> {
  const run = new ScriptRun({ "in/a.csv": input, "in/b.csv": "id,name\n-1,last\n" }, options);
  await run.run(table(["in/a.csv", "in/b.csv"], having));
  return run.files.finished.get("out/rows.csv");
}

describe("file_table", () => {
  test("P2: a file read in ranges gives the same table as a file read at once", async () => {
    const whole = await content(many(5000), {});
    const ranges = await content(many(5000), {
      constants: { rangeSize: 7000 },
      order: (units) => units.toReversed(),
    });
    expect(ranges).toBe(whole);
    expect(whole?.split("\n").length).toBe(5003);
  });

  test.each(["id,name\n", "id,name\n\n\n\n", ""])(
    "P2: a large file without rows gives an empty table, as a small one does: %j",
    async (input) => {
      for (const rangeSize of [1, 5, 1000]) {
        const run = new ScriptRun({ "in/a.csv": input }, { constants: { rangeSize } });
        await run.run(table(["in/a.csv"]));
        expect(run.files.finished.get("out/rows.csv"), String(rangeSize)).toBe("id,name\n");
      }
    },
  );

  test("P2: a large file without rows must have the header, as a small one", async () => {
    for (const rangeSize of [5, 1000])
      await expect(content("id,other\n", { constants: { rangeSize } })).rejects.toMatchObject({
        code: "HEADER_INVALID",
      });
  });

  test("P7: rows refused by having are counted as filtered", async () => {
    const run = new ScriptRun({ "in/a.csv": many(100) });
    await run.run(table(["in/a.csv"], "w.id >= 90"));
    const { counts, chunks } = run.outcomes.get("read_rows/rows/0") ?? {};
    expect(counts).toEqual({ read: 100, written: 10, filtered: 90, rejected: 0, duplicates: 0 });
    expect(chunks).toEqual([10]);
  });

  test("chunk limits change chunks, not the table", async () => {
    const small = new ScriptRun(
      { "in/a.csv": many(2500) },
      { constants: { chunkRows: 7, chunkBytes: 64 } },
    );
    const large = new ScriptRun({ "in/a.csv": many(2500) });
    await small.run(table(["in/a.csv"]));
    await large.run(table(["in/a.csv"]));
    expect(small.files.finished.get("out/rows.csv")).toBe(large.files.finished.get("out/rows.csv"));
    expect(small.outcomes.get("read_rows/rows/0")?.valueHash).toBe(
      large.outcomes.get("read_rows/rows/0")?.valueHash,
    );
    expect(large.outcomes.get("read_rows/rows/0")?.chunks).toEqual([833, 833, 834]);
  });

  test("P6: an input that was missing at run start fails naming file and node", async () => {
    const run = new ScriptRun({});
    await expect(run.run(table(["in/none.csv"]))).rejects.toMatchObject({
      code: "FILE_MISSING",
      facts: { node: "read_rows", file: "in/none.csv" },
    });
  });

  test("P6: an input that could not be read at run start fails at once, whatever the reason was", async () => {
    const run = new ScriptRun({});
    run.files.facts = () => {
      throw new Fault("FILE_UNREADABLE", "the server answered 500", { retryable: true });
    };
    await expect(run.run(table(["in/none.csv"]))).rejects.toMatchObject({
      code: "FILE_UNREADABLE",
      retryable: false,
    });
  });

  test("P6: an input that changes while it is read is a fault", async () => {
    const run = new ScriptRun({ "in/a.csv": many(3) });
    run.files.onClose = (url) => run.files.put(url, many(4));
    await expect(run.run(table(["in/a.csv"]))).rejects.toMatchObject({
      code: "FILE_CHANGED",
      facts: { node: "read_rows", file: "in/a.csv" },
    });
  });

  test("P11: a row fault names node, file, line, field and the values it was computed from", async () => {
    const run = new ScriptRun({ "in/a.csv": "id,name\n5,x\n\n0,y\n" });
    const fields = { share: { expression: "10 / r.id", type: "int" } };
    await expect(run.run(fileTable("rows", ["in/a.csv"], TYPES, { fields }))).rejects.toMatchObject(
      {
        code: "EXPRESSION_ROW",
        message: expect.stringContaining(
          "node read_rows, file in/a.csv, line 4, field share: ",
        ) as string,
        facts: {
          node: "read_rows",
          file: "in/a.csv",
          line: 4,
          field: "share",
          values: { "r.id": "0" },
          code: "E-div0",
        },
      },
    );
  });

  test("P11: a decimal that does not fit names row and value", async () => {
    const run = new ScriptRun({ "in/a.csv": "id,name\n1,x\n2,9" + "9".repeat(20) + "\n" });
    const fields = {
      big: { expression: 'decimal2(strings.ReplaceAll(r.name, "x", "1"))', type: "decimal2" },
    };
    await expect(run.run(fileTable("rows", ["in/a.csv"], TYPES, { fields }))).rejects.toMatchObject(
      {
        code: "DECIMAL_RANGE",
        facts: { node: "read_rows", line: 3, field: "big" },
      },
    );
  });

  test("a stop is noticed between blocks", async () => {
    const stop = new AbortController();
    stop.abort();
    const run = new ScriptRun({ "in/a.csv": many(3) }, { stop: stop.signal });
    await expect(run.run(table(["in/a.csv"]))).rejects.toMatchObject({ code: "STOPPED" });
  });

  test("progress counts the rows of the unit", async () => {
    const run = new ScriptRun({ "in/a.csv": many(30) });
    await run.run(fileTable("rows", ["in/a.csv"], TYPES));
    expect(run.progress.at(-1)).toBe(30);
  });
});
