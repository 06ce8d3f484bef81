import { types } from "cassandra-driver";
import { expect, test } from "vitest";
import { controlStatements } from "./control-statements.ts";
import { CassandraTables } from "./cassandra-tables.ts";
import { Cql, type Driver } from "./cql.ts";

const place = {
  incarnation: "i1",
  run: 1,
  node: "read orders",
  phase: "rows",
  unit: 0,
  token: "a",
} as const;
const ALL: number = types.consistencies.all;
const piece = { kind: "chunk", name: "", part: -1, seq: 0 } as const;
const data = Uint8Array.of(1, 2, 3);

interface Cluster {
  /** How many statements about tables are refused before the first one is answered. */
  readonly refusals: number;
  readonly code?: number;
  /** What the control store says of the keyspace. */
  readonly state?: "live" | "dropping";
  /** Whether a node has it. */
  readonly exists?: boolean;
}

/** Tables of a cluster whose nodes hear of the tables late. */
function tablesOf({ refusals, code = 0x2200, state = "live", exists = true }: Cluster) {
  let sent = 0;
  const answer = (rows: readonly object[]) =>
    ({ rows, pageState: null, wasApplied: () => true }) as unknown as types.ResultSet;
  const driver: Driver = {
    async execute(text) {
      if (text.includes('"incarnation"')) return answer([{ name: "k", physical: "k_1", state }]);
      sent += 1;
      if (sent > refusals)
        return answer([{ seq: 0, seg: 0, segs: 1, data: Buffer.from(data.buffer) }]);
      throw Object.assign(new Error("table piece does not exist"), { name: "ResponseError", code });
    },
    batch: () => Promise.reject(new Error("not here")),
  };
  const cql = new Cql(driver, { consistency: "local", patienceMs: 50, inFlight: 1 });
  const schema = { run: async () => undefined, exists: async () => exists };
  const tables = new CassandraTables({ cql, statements: controlStatements("c") }, schema, 400);
  return { tables, sent: () => sent };
}

const write = ({ tables }: ReturnType<typeof tablesOf>) => tables.write(place, [{ piece, data }]);
const read = ({ tables }: ReturnType<typeof tablesOf>) => tables.read(place, piece);

test("pieces are written and read although the nodes asked first have not heard of their table", async () => {
  const [late, later] = [tablesOf({ refusals: 3 }), tablesOf({ refusals: 3 })];
  await write(late);
  expect(late.sent()).toBe(4);
  expect(await read(later)).toEqual(data);
  expect(later.sent()).toBe(4);
});

test("a statement that is not prepared where it is asked is sent again too", async () => {
  const unprepared = tablesOf({ refusals: 5, code: 0x2500 });
  await write(unprepared);
  expect(unprepared.sent()).toBe(6);
});

test.each([{ state: "dropping" }, { exists: false }] as const)(
  "tables of a keyspace that is going away or gone are not waited for (%o)",
  async (gone) => {
    const cluster = tablesOf({ refusals: 99, ...gone });
    await expect(write(cluster)).rejects.toMatchObject({ code: "KEYSPACE_MISSING" });
    await expect(read(cluster)).rejects.toMatchObject({ code: "TABLE_DAMAGED" });
    expect(cluster.sent()).toBe(2);
  },
);

test("a table that no node comes to know is waited for so long and no longer", async () => {
  const cluster = tablesOf({ refusals: 99 });
  const began = performance.now();
  await expect(write(cluster)).rejects.toMatchObject({ code: "CLUSTER_REFUSED" });
  expect(performance.now() - began).toBeLessThan(2000);
  expect(cluster.sent()).toBeGreaterThan(2);
});

test("another refusal is not repeated", async () => {
  const cluster = tablesOf({ refusals: 99, code: 0x2100 });
  await expect(write(cluster)).rejects.toMatchObject({ code: "CLUSTER_REFUSED" });
  expect(cluster.sent()).toBe(1);
});

/** Pieces 0 to 3 of which a quorum has all but the third; `onAll` is what all nodes have, or answer. */
async function piecesOf(
  onAll: readonly number[] | Error,
  state: Cluster["state"] = "live",
): Promise<readonly number[]> {
  const answer = (rows: readonly object[]) =>
    ({ rows, pageState: null }) as unknown as types.ResultSet;
  const driver: Driver = {
    async execute(text, parameters, { consistency }) {
      if (text.includes('"incarnation"')) return answer([{ name: "k", physical: "k_1", state }]);
      const isAll = consistency === ALL;
      if (isAll && onAll instanceof Error) throw onAll;
      const [from, until] = parameters.slice(-2) as [number, number];
      const found = isAll ? (onAll as readonly number[]) : [0, 1, 3];
      const row = (seq: number) => ({ seq, seg: 0, segs: 1, data: Buffer.of(seq) });
      return answer(found.filter((seq) => seq >= from && seq < until).map(row));
    },
    batch: () => Promise.reject(new Error("not here")),
  };
  const cql = new Cql(driver, { consistency: "local", patienceMs: 50, inFlight: 1 });
  const schema = { run: async () => undefined, exists: async () => true };
  const tables = new CassandraTables({ cql, statements: controlStatements("c") }, schema, 400);
  const read: number[] = [];
  for await (const [first = -1] of tables.readMany(place, piece, 4)) read.push(first);
  return read;
}

const answered = (code: number, message: string): Error =>
  Object.assign(new Error(message), { name: "ResponseError", code });

test("a piece that a quorum does not have is looked for on all nodes before it is called missing", async () => {
  expect(await piecesOf([0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
  // Nobody asks all nodes for what a quorum has.
  expect(await piecesOf([2])).toEqual([0, 1, 2, 3]);
  await expect(piecesOf([0, 1, 3])).rejects.toMatchObject({
    code: "TABLE_DAMAGED",
    facts: { seq: 2 },
  });
});

test.each([
  answered(0x1000, "Cannot achieve consistency level ALL"),
  answered(0x1200, "Server timeout during read query"),
  new Error("a replica is away"),
])("nothing is called missing while a node that may have it is away (%o)", async (away) => {
  await expect(piecesOf(away)).rejects.toMatchObject({
    code: "CLUSTER_UNAVAILABLE",
    retryable: true,
    message: expect.stringContaining(
      "does not have piece chunk 2 of node read orders, run 1,",
    ) as string,
    hint: expect.stringContaining("Start the nodes") as string,
    facts: { seq: 2, node: "read orders" },
    cause: { cause: away },
  });
});

test("what all nodes refuse is told as it is, and as the cause where the keyspace is going away", async () => {
  const forbidden = answered(0x2100, "User bob has no SELECT permission");
  await expect(piecesOf(forbidden)).rejects.toMatchObject({
    code: "CLUSTER_REFUSED",
    cause: forbidden,
  });
  const gone = answered(0x2200, "table piece does not exist");
  await expect(piecesOf(gone, "dropping")).rejects.toMatchObject({
    code: "TABLE_DAMAGED",
    facts: { seq: 2 },
    cause: { code: "CLUSTER_REFUSED", cause: gone },
  });
});
