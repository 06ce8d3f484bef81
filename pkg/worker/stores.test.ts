import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { pythonSettings } from "#pkg/processor";
import { NO_SETTINGS } from "#pkg/transfer";
import { clusterStores, openStores } from "./open-stores.ts";
import { newLoading } from "./thread-loading.ts";
import { keepProcessors } from "./thread-processors.ts";
import { loadThreadStores } from "./thread-stores.ts";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "capillaries-stores-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("the stores of a cluster, from its settings", () => {
  const hosts = ["10.0.0.1"];

  test("use the only data centre that the replication names, else the one of a fresh Cassandra", () => {
    const one = "{ 'class': 'NetworkTopologyStrategy', 'north': 3 }";
    const two = "{ 'class': 'NetworkTopologyStrategy', 'north': 3, 'south': '2' }";
    const simple = "{ 'class': 'SimpleStrategy', 'replication_factor': 1 }";
    const dataCenter = (replication?: string, localDataCenter?: string): unknown =>
      clusterStores({
        hosts,
        ...(replication === undefined ? {} : { replication }),
        ...(localDataCenter === undefined ? {} : { localDataCenter }),
      });
    const of = (localDataCenter: string) => ({ kind: "cassandra", cassandra: { localDataCenter } });
    expect(dataCenter(one)).toMatchObject(of("north"));
    expect(dataCenter(two)).toMatchObject(of("datacenter1"));
    expect(dataCenter(simple)).toMatchObject(of("datacenter1"));
    expect(dataCenter()).toMatchObject(of("datacenter1"));
    expect(dataCenter(one, "south")).toMatchObject(of("south"));
  });

  test("write to a majority of all data centres only when asked to", () => {
    const consistency = (named?: "QUORUM"): unknown =>
      clusterStores({ hosts, ...(named ? { consistency: named } : {}) });
    expect(consistency("QUORUM")).toMatchObject({ cassandra: { consistency: "global" } });
    expect(consistency()).toMatchObject({ cassandra: { consistency: "local" } });
  });

  test("hold the texts of certificates, and name the setting whose file is not there or is no certificate", () => {
    const authorityPath = join(temporaryFolder(), "ca.pem");
    const settings = { hosts, tls: { authorityPath, verifyHost: true } } as never;
    const refused = (problem: string): void =>
      expect(() => clusterStores(settings)).toThrow(
        expect.objectContaining({
          code: "CONFIG_INVALID",
          message: `the setting cassandra.ssl_opts.ca_path names ${authorityPath}, ${problem}`,
        }) as Error,
      );
    refused("which cannot be read");
    writeFileSync(authorityPath, "a certificate");
    refused("which holds no certificate in PEM");
    const [ca = ""] = rootCertificates;
    writeFileSync(authorityPath, ca);
    expect(clusterStores(settings)).toMatchObject({ cassandra: { tls: { ca, verify: true } } });
  });
});

const THREAD = { memory: 2 ** 26, transfer: NO_SETTINGS, loading: newLoading() };

describe("the stores of a folder", () => {
  test("are made by the process, and read by its threads", async () => {
    const settings = { kind: "embedded", folder: temporaryFolder() } as const;
    await using stores = await openStores(settings);
    await stores.store.openKeyspace("orders", "inc");
    const thread = await (await loadThreadStores({ ...THREAD, store: settings }))();
    await using control = thread.control;
    await using tables = thread.tables;
    expect(await control.keyspace("orders")).toMatchObject({ incarnation: "inc" });
    expect(tables.chunkSize).toEqual(stores.tables.chunkSize);
  });
});

test("a thread keeps its processors for as long as their settings are the same", async () => {
  const kept = keepProcessors();
  const python = pythonSettings({}, {});
  const first = kept({ python });
  expect(kept({ python })).toBe(first);
  await using last = kept({ python: { ...python, interpreter: "python9" } });
  expect(last).not.toBe(first);
});
