import { mkdir } from "node:fs/promises";
import { Fault } from "#pkg/fault";
import type { ControlStore, KeyspaceRecord } from "../control.ts";
import type { ControlEnvironment, ControlTransaction } from "./control-environment.ts";
import { keys } from "./control-keys.ts";
import { keyspaceFolder } from "./keyspace-folder.ts";
import { storeFault } from "./store-faults.ts";

type Keyspaces = Pick<
  ControlStore,
  "openKeyspace" | "keyspace" | "keyspaces" | "beginDrop" | "endDrop"
>;

/** Deletions of one transaction: short enough that nobody waits long for the write lock. */
const DELETIONS = 2000;

export const isLive = (transaction: ControlTransaction, incarnation: string): boolean =>
  transaction.get(keys.incarnation(incarnation))?.state === "live";

export const controlKeyspaces = (environment: ControlEnvironment, folder: string): Keyspaces => ({
  async openKeyspace(name, incarnation) {
    const record = await environment.write((transaction) =>
      openInside(transaction, { name, incarnation, state: "live" }),
    );
    await makeFolder(keyspaceFolder(folder, record));
    return record;
  },

  keyspace: async (name) => environment.read((transaction) => transaction.get(keys.keyspace(name))),

  keyspaces: async () =>
    environment
      .read((transaction) => transaction.scan(keys.keyspaces))
      .map(({ value }) => value)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),

  beginDrop: (name, incarnation) =>
    environment.write((transaction) => {
      const record = transaction.get(keys.keyspace(name));
      if (record?.incarnation !== incarnation || record.state !== "live") return false;
      putKeyspace(transaction, { ...record, state: "dropping" });
      return true;
    }),

  async endDrop(name, incarnation) {
    const isDropping = (transaction: ControlTransaction): boolean => {
      const record = transaction.get(keys.keyspace(name));
      return record?.incarnation === incarnation && record.state === "dropping";
    };
    const deleteSome = (transaction: ControlTransaction): boolean => {
      if (!isDropping(transaction)) return true;
      const some = transaction.keysBelow(keys.everything(incarnation), DELETIONS);
      for (const key of some) transaction.remove(key);
      if (some.length === DELETIONS) return false;
      removeOutputs(transaction, incarnation);
      transaction.remove(keys.keyspace(name));
      transaction.remove(keys.incarnation(incarnation));
      return true;
    };
    let done = false;
    while (!done) done = await environment.write(deleteSome);
  },
});

function openInside(transaction: ControlTransaction, wanted: KeyspaceRecord): KeyspaceRecord {
  const record = transaction.get(keys.keyspace(wanted.name));
  if (record?.state === "dropping") {
    throw new Fault("KEYSPACE_DROPPING", `keyspace ${wanted.name} is being dropped`, {
      facts: { keyspace: wanted.name },
      retryable: true,
    });
  }
  if (record === undefined) putKeyspace(transaction, wanted);
  return record ?? wanted;
}

function putKeyspace(transaction: ControlTransaction, record: KeyspaceRecord): void {
  transaction.put(keys.keyspace(record.name), record);
  transaction.put(keys.incarnation(record.incarnation), record);
}

function removeOutputs(transaction: ControlTransaction, incarnation: string): void {
  for (const { key, value } of transaction.scan(keys.outputs)) {
    if (value.incarnation === incarnation) transaction.remove(key);
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw storeFault(error, { path });
  }
}
