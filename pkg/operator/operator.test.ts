import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEmbeddedControl, openEmbeddedTables } from "#pkg/store/embedded";
import { everything } from "#pkg/security";
import { openFiles } from "#pkg/transfer";
import type { FrozenInput, RunRecord } from "#pkg/workflow";
import {
  findRun,
  findUnfinished,
  preview,
  reportRun,
  startRun,
  type OperatorPorts,
  type StartRequest,
} from "#pkg/operator";

const policy = {
  first: {
    is_default: true,
    event_priority_order: "run_is_current(desc),run_id(desc)",
    rules: [{ cmd: "go", expression: "e.run_is_current == true" }],
  },
};

const readShops = (extra: object = {}): object => ({
  type: "file_table",
  ...extra,
  r: {
    urls: ["in/{file|string}", "in/absent.csv"],
    csv: { hdr_line_idx: 0, first_data_line_idx: 1 },
    columns: { col_shop: { csv: { col_hdr: "shop" }, col_type: "string" } },
  },
  w: { name: "shops", fields: { shop: { expression: "r.col_shop", type: "string" } } },
});

const writeShops = (url: string): object => ({
  type: "table_file",
  r: { table: "shops" },
  w: {
    url_template: url,
    csv: { separator: "," },
    columns: [
      { csv: { header: "shop", format: "%s" }, name: "shop", expression: "r.shop", type: "string" },
    ],
  },
});

const script = (nodes: object): string => JSON.stringify({ nodes, dependency_policies: policy });

const NODES = { read_shops: readShops(), write_shops: writeShops("out/shops_{run_id}.csv") };

let folder: string;
let ports: OperatorPorts;
let close: () => Promise<void>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "capillaries-operator-"));
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in", "shops.csv"), "shop\ns1\n");
  writeFileSync(join(folder, "script.json"), script(NODES));
  writeFileSync(join(folder, "params.json"), JSON.stringify({ file: "shops.csv" }));
  const data = join(folder, "data");
  mkdirSync(data);
  const store = await openEmbeddedControl({ folder: data });
  const tables = await openEmbeddedTables({ folder: data });
  ports = { store, tables, files: openFiles(everything), now: () => 5000, newId: randomUUID };
  close = async () => {
    await tables[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  };
});

afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

const begin = async (request: Partial<StartRequest> = {}): Promise<RunRecord> => {
  const { record } = await startRun(ports, {
    keyspace: "shops",
    scriptUrl: join(folder, "script.json"),
    parametersUrl: join(folder, "params.json"),
    overrides: {},
    constants: {
      chunkRows: 10,
      chunkBytes: 1000,
      rangeSize: 1000,
      broadcastLimit: 1000,
      partitions: 0,
    },
    executors: [],
    description: "",
    startedBy: "test",
    absolute: (url) => join(folder, url),
    ...request,
  });
  return record;
};

const finish = (record: RunRecord): Promise<boolean> =>
  ports.store.updateRun({
    ...record,
    version: record.version + 1,
    state: "complete",
    outcome: "succeeded",
    endedAt: 6000,
  });

describe("starting a run", () => {
  test("makes it visible with its start nodes, the nodes they reach and its output files", async () => {
    const record = await begin();
    expect(record).toMatchObject({
      run: 1,
      state: "running",
      startNodes: ["read_shops"],
      affected: ["read_shops", "write_shops"],
      outputs: [join(folder, "out", "shops_00001.csv")],
      startedAt: 5000,
    });
    expect(await findRun(ports.store, "shops", 1)).toEqual(record);
  });

  test("freezes size and version of every input, and what is missing as missing", async () => {
    const { documents } = await begin();
    const inputs = JSON.parse(await ports.store.document(documents.inputs)) as FrozenInput[];
    expect(inputs).toMatchObject([
      { node: "read_shops", url: join(folder, "in", "shops.csv"), size: 8 },
      { node: "read_shops", size: 0, missing: { code: "FILE_MISSING" } },
    ]);
    expect(inputs[0]).not.toHaveProperty("missing");
  });

  test("takes each named start node once, and only nodes that are asked for write files", async () => {
    const startNodes = [" read_shops", "read_shops", ""];
    const record = await begin({ startNodes, onlyNodes: ["read_shops"] });
    expect(record.startNodes).toEqual(["read_shops"]);
    expect(record.outputs).toEqual([]);
  });

  test.each([
    [["read_shop"], 'Did you mean "read_shops"?'],
    [["entirely_other"], "Nodes are: read_shops, write_shops."],
    [[""], "Name existing nodes with --start."],
  ])("refuses the start nodes %j", async (startNodes, hint) => {
    await expect(begin({ startNodes })).rejects.toMatchObject({ code: "START_NODES", hint });
  });

  test("wants a start node named when every reader is started by hand", async () => {
    const nodes = { ...NODES, read_shops: readShops({ start_policy: "manual" }) };
    writeFileSync(join(folder, "script.json"), script(nodes));
    await expect(begin()).rejects.toMatchObject({ code: "START_NODES" });
    expect((await begin({ startNodes: ["read_shops"] })).run).toBe(1);
  });

  test.each(["", "no-good", "system_own", "SystemOwn", "control", "a".repeat(49)])(
    "refuses the keyspace name %j",
    async (keyspace) => {
      await expect(begin({ keyspace })).rejects.toMatchObject({ code: "KEYSPACE_NAME" });
    },
  );

  test("refuses two nodes that write one file, and names both", async () => {
    const nodes = {
      ...NODES,
      write_again: writeShops("out/shops_00001.csv"),
    };
    writeFileSync(join(folder, "script.json"), script(nodes));
    await expect(begin()).rejects.toMatchObject({
      code: "RUN_CONFLICT",
      facts: { nodes: ["write_shops", "write_again"] },
    });
  });

  test("takes two nodes that write one file when they are started by hand, one at a time", async () => {
    const alternative = { ...writeShops("out/shops.csv"), start_policy: "manual" };
    const nodes = { ...NODES, write_shops: writeShops("out/shops.csv"), alternative };
    writeFileSync(join(folder, "script.json"), script(nodes));
    await finish(await begin());
    await finish(await begin({ startNodes: ["alternative"] }));
    await expect(begin({ startNodes: ["read_shops", "alternative"] })).rejects.toMatchObject({
      code: "RUN_CONFLICT",
      facts: { nodes: ["write_shops", "alternative"] },
    });
  });

  test("refuses a file of a run that has not ended, and takes it once that run has", async () => {
    const nodes = { ...NODES, write_shops: writeShops("out/shops.csv") };
    writeFileSync(join(folder, "script.json"), script(nodes));
    const first = await begin();
    await expect(begin()).rejects.toMatchObject({ code: "RUN_CONFLICT", facts: { run: 1 } });
    await finish(first);
    expect((await begin()).run).toBe(2);
  });

  test("an unreadable script or parameter file is said as such", async () => {
    await expect(begin({ scriptUrl: join(folder, "no.json") })).rejects.toMatchObject({
      code: "SCRIPT_UNREADABLE",
    });
    const parametersUrl = join(folder, "no.json");
    await expect(begin({ parametersUrl })).rejects.toMatchObject({ code: "SCRIPT_UNREADABLE" });
  });

  test("overrides take the place of a parameter file", async () => {
    const record = await begin({ parametersUrl: "", overrides: { file: "shops.csv" } });
    expect(await ports.store.document(record.documents.parameters)).toContain("shops.csv");
  });
});

describe("finding a run", () => {
  test("takes the newest without a number, and says what is missing", async () => {
    const [none, noRun] = [findRun(ports.store, "none", 1), begin()];
    await expect(none).rejects.toMatchObject({ code: "KEYSPACE_MISSING" });
    await noRun;
    expect((await begin()).run).toBe(2);
    expect((await findRun(ports.store, "shops", undefined)).run).toBe(2);
    await expect(findRun(ports.store, "shops", 3)).rejects.toMatchObject({ code: "RUN_MISSING" });
    await ports.store.openKeyspace("bare", randomUUID());
    await expect(findRun(ports.store, "bare", undefined)).rejects.toThrow("has no run");
  });

  test("an unfinished one is the newest of the only keyspace that has one", async () => {
    const unfinished = (keyspace?: string, run?: number): Promise<RunRecord> =>
      findUnfinished(ports.store, { keyspace, run });
    await expect(unfinished()).rejects.toMatchObject({ code: "RUN_MISSING" });
    const first = await begin();
    await begin();
    expect((await unfinished()).run).toBe(2);
    expect((await unfinished("shops")).run).toBe(2);
    expect((await unfinished(undefined, 1)).run).toBe(1);
    expect((await unfinished("shops", 1)).run).toBe(1);
    await finish(first);
    await expect(unfinished("shops", 1)).rejects.toMatchObject({ code: "RUN_FINISHED" });
    await begin({ keyspace: "others" });
    await expect(unfinished()).rejects.toThrow("several keyspaces have an unfinished run");
    expect((await unfinished("others")).keyspace).toBe("others");
  });
});

describe("looking at a run", () => {
  test("the report of a run that has not ended counts the time so far", async () => {
    const report = await reportRun(ports.store, await begin(), 5700);
    expect(report).toMatchObject({
      outcome: "unfinished",
      endedAt: null,
      elapsedMs: 700,
    });
    expect(() => structuredClone(report)).not.toThrow();
  });

  test("the report of a run that has ended has its end", async () => {
    await finish(await begin());
    const report = await reportRun(ports.store, await findRun(ports.store, "shops", 1), 9000);
    expect(report).toMatchObject({
      state: "complete",
      outcome: "succeeded",
      endedAt: "1970-01-01T00:00:06.000Z",
      elapsedMs: 1000,
    });
  });

  test.each([
    ["shops", undefined],
    ["shops", 1],
    ["elsewhere", undefined],
  ])("a table that is not written, or that no node writes, is missing: %s", async (table, run) => {
    await begin();
    const request = { keyspace: "shops", table, run, from: 0, rows: 5 };
    await expect(preview(ports, request)).rejects.toMatchObject({ code: "TABLE_MISSING" });
  });
});
