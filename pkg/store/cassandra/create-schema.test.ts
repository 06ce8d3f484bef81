import type { types } from "cassandra-driver";
import { expect, test } from "vitest";
import { openSchema } from "./create-schema.ts";
import { Cql, type Driver } from "./cql.ts";

test("tables are made once all nodes have opened them, also when somebody else has defined them", async () => {
  const said: string[] = [];
  let tables: readonly object[] = [];
  const driver: Driver = {
    async execute(text) {
      if (!text.startsWith("SELECT")) said.push(text.split(" ", 2).join(" "));
      return { rows: tables, pageState: null } as unknown as types.ResultSet;
    },
    batch: () => Promise.reject(new Error("not here")),
  };
  const cql = new Cql(driver, { consistency: "local", patienceMs: 50, inFlight: 1 });
  let closed = 2;
  const nodes = {
    isAgreed: async () => true,
    haveKeyspace: async () => true,
    serve: async (keyspace: string, names: readonly string[]) => {
      said.push(`${keyspace}: ${names.join()}`);
      return --closed < 0;
    },
  };
  const schema = openSchema(nodes, cql, "{}");
  await schema.createData("k_1");
  const asked = "k_1: piece";
  expect(said).toEqual(["CREATE KEYSPACE", "CREATE TABLE", asked, asked, asked]);
  [tables, closed] = [[{ table_name: "piece" }], 1];
  await schema.createData("k_1");
  expect(said.slice(5)).toEqual([asked, asked]);
});
