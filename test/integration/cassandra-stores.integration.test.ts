import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { Client } from "cassandra-driver";
import {
  openCassandraStores,
  type CassandraSettings,
  type CassandraStores,
} from "#pkg/store/cassandra";
import { describeControlStore } from "../../pkg/store/control.contract.ts";
import { describeTableStore } from "../../pkg/store/tables.contract.ts";
import { replicationOf, withService } from "../support/services.ts";

const CONTROL_TABLES = [
  "keyspace",
  "incarnation",
  "run",
  "units",
  "groups",
  "document",
  "session",
  "active",
  "output",
  "summary",
  "decision",
];

withService("cassandra", (address) => {
  const { contactPoints, port, localDataCenter, series } = address;
  const name = `${series}, ${contactPoints.length === 1 ? "one node" : "a ring"}`;
  const controlKeyspace = `test_${randomUUID().replaceAll("-", "")}`;
  const settings: CassandraSettings = {
    hosts: contactPoints,
    port,
    localDataCenter,
    controlKeyspace,
    replication: replicationOf(address),
  };
  const admin = new Client({
    contactPoints: [...contactPoints],
    localDataCenter,
    protocolOptions: { port },
  });
  let stores: CassandraStores;
  const opened: CassandraStores[] = [];
  const another = async (): Promise<CassandraStores> => {
    const more = await openCassandraStores(settings, { create: false });
    opened.push(more);
    return more;
  };

  beforeAll(async () => {
    stores = await openCassandraStores(settings);
  }, 120_000);

  afterAll(async () => {
    for (const { name, incarnation } of await stores.control.keyspaces()) {
      await stores.control.beginDrop(name, incarnation);
      await stores.tables.drop(incarnation);
    }
    await admin.execute(`DROP KEYSPACE ${controlKeyspace}`);
    await admin.shutdown();
    for (const each of [stores, ...opened]) await each[Symbol.asyncDispose]();
  }, 120_000);

  describeControlStore(`Cassandra ${name}`, async () => ({
    control: (await another()).control,
    again: async () => (await another()).control,
    async close() {
      for (const { name, incarnation } of await stores.control.keyspaces()) {
        await stores.control.beginDrop(name, incarnation);
        await stores.tables.drop(incarnation);
      }
      for (const table of CONTROL_TABLES)
        await admin.execute(`TRUNCATE ${controlKeyspace}."${table}"`);
      for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
    },
  }));

  describeTableStore(`Cassandra ${name}`, async () => ({
    tables: stores.tables,
    sweeps: false,
    takesLateWrites: true,
    async newKeyspace() {
      const { incarnation } = await stores.control.openKeyspace(
        `k${randomUUID().slice(0, 8)}`,
        randomUUID(),
      );
      return incarnation;
    },
    again: async () => (await another()).tables,
    async close() {
      for (const { name, incarnation } of await stores.control.keyspaces()) {
        await stores.control.beginDrop(name, incarnation);
        await stores.tables.drop(incarnation);
        await stores.control.endDrop(name, incarnation);
      }
      for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
    },
  }));
});
