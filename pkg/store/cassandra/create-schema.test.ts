import type { types } from "cassandra-driver";
import { describe, expect, test } from "vitest";
import { openSchema } from "./create-schema.ts";
import { Cql, type Driver } from "./cql.ts";
import { controlTables } from "./schema.ts";

const ASKED = "ask the nodes";
const MARKED = "INSERT INTO";
const CONTROL = controlTables("c").map(({ table }) => table);

interface Database {
  /** Tables that the database says it has. */
  tables: readonly string[];
  /** How often the nodes say that they have not opened the tables. */
  closed: number;
  /** What reading or writing the mark is refused with. */
  readonly refuse?: (text: string) => Error | undefined;
}

/** Tells what is done in a database: definitions, questions to the nodes, and marks. */
function schemaOf(database: Database) {
  const said: string[] = [];
  const marks = new Set<unknown>();
  const answer = (rows: readonly object[]): types.ResultSet =>
    ({ rows, pageState: null }) as unknown as types.ResultSet;
  const driver: Driver = {
    async execute(text, parameters) {
      if (text.includes("system_schema"))
        return answer(database.tables.map((table_name) => ({ table_name })));
      if (text.includes('"document"') && !text.startsWith("CREATE")) {
        const refusal = database.refuse?.(text);
        if (refusal !== undefined) throw refusal;
        if (text.startsWith("SELECT")) return answer(marks.has(parameters[2]) ? [{ page: 0 }] : []);
        marks.add(parameters[2]);
      }
      said.push(text.split(" ", 2).join(" "));
      return answer([]);
    },
    batch: () => Promise.reject(new Error("not here")),
  };
  const nodes = {
    isAgreed: async () => true,
    haveKeyspace: async () => true,
    serve: async (keyspace: string, names: readonly string[]) => {
      said.push(names.length === 1 ? `${keyspace}: ${names.join()}` : ASKED);
      database.closed -= 1;
      return database.closed < 0;
    },
  };
  const cql = new Cql(driver, { consistency: "local", patienceMs: 50, inFlight: 1 });
  return { schema: openSchema(nodes, cql, "{}"), said, marks };
}

const refused = (code: number, message: string): Error =>
  Object.assign(new Error(message), { name: "ResponseError", code });

test("tables are made once all nodes have opened them, also when somebody else has defined them", async () => {
  const database: Database = { tables: [], closed: 2 };
  const { schema, said } = schemaOf(database);
  await schema.createData("k_1");
  const asked = "k_1: piece";
  expect(said.splice(0)).toEqual(["CREATE KEYSPACE", "CREATE TABLE", asked, asked, asked]);
  database.tables = ["piece"];
  database.closed = 1;
  await schema.createData("k_1");
  expect(said).toEqual([asked, asked]);
});

describe("the nodes are asked about the tables of an installation", () => {
  test("until all have opened them, and never again", async () => {
    const database: Database = { tables: [], closed: 1 };
    const { schema, said } = schemaOf(database);
    await schema.createControl("c");
    const made = ["CREATE KEYSPACE", ...CONTROL.map(() => "CREATE TABLE")];
    expect(said.splice(0)).toEqual([...made, ASKED, ASKED, MARKED]);
    database.tables = CONTROL;
    await schema.createControl("c");
    expect(said).toEqual([]);
  });

  test("by whoever opens it while another process waits for them", async () => {
    const { schema, said } = schemaOf({ tables: CONTROL, closed: 1 });
    await schema.createControl("c");
    expect(said).toEqual([ASKED, ASKED, MARKED]);
  });

  test("again when there are others than those of the mark", async () => {
    const database: Database = { tables: CONTROL, closed: 0 };
    const { schema, said, marks } = schemaOf(database);
    marks.add("tables of another version");
    await schema.createControl("c");
    expect(said.splice(0)).toEqual([ASKED, MARKED]);
    database.tables = CONTROL.slice(1);
    await schema.createControl("c");
    expect(said).toEqual(["CREATE KEYSPACE", "CREATE TABLE", ASKED, MARKED]);
  });

  test("each time by a user who may not write the mark", async () => {
    const refuse = (text: string) =>
      text.startsWith("INSERT") ? refused(0x2100, "bob has no MODIFY permission") : undefined;
    const { schema, said } = schemaOf({ tables: CONTROL, closed: 0, refuse });
    await schema.createControl("c");
    await schema.createControl("c");
    expect(said).toEqual([ASKED, ASKED]);
  });

  test("where the node that is asked for the mark has not heard of its table", async () => {
    const refuse = (text: string) =>
      text.startsWith("SELECT") ? refused(0x2200, "table document does not exist") : undefined;
    const { schema, said } = schemaOf({ tables: CONTROL, closed: 0, refuse });
    await schema.createControl("c");
    expect(said).toEqual([ASKED, MARKED]);
  });

  test.each(["SELECT", "INSERT"])(
    "but not taken as asked while no quorum answers (%s)",
    async (verb) => {
      const refuse = (text: string) =>
        text.startsWith(verb) ? refused(0x1000, "not enough replicas") : undefined;
      const { schema } = schemaOf({ tables: CONTROL, closed: 0, refuse });
      await expect(schema.createControl("c")).rejects.toMatchObject({
        code: "CLUSTER_UNAVAILABLE",
      });
    },
  );
});
