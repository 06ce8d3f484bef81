import { Fault } from "#pkg/fault";
import { isFinalNode, type NodeRecord, type RunRecord, type WorkflowEvent } from "#pkg/workflow";
import { canonicalJson } from "../canonical-json.ts";
import { documentHash } from "../content-hash.ts";
import type { ControlStore, NewEvent } from "../control.ts";
import type { ControlEnvironment, ControlTransaction } from "./control-environment.ts";
import { isLive } from "./control-keyspaces.ts";
import { keys } from "./control-keys.ts";

type Runs = Pick<
  ControlStore,
  "insertRun" | "run" | "runWithNodes" | "runs" | "updateRun" | "events"
>;
type Nodes = Pick<ControlStore, "nodes" | "updateNode">;

export const controlRuns = (environment: ControlEnvironment): Runs => ({
  insertRun: (record) => {
    const inserted = documentHash(canonicalJson(record));
    return environment.write((transaction) => insertInside(transaction, record, inserted));
  },

  run: async (incarnation, run) =>
    environment.read((transaction) => transaction.get(keys.run(incarnation, run))?.record),

  runWithNodes: async (incarnation, run) =>
    environment.read((transaction) => {
      const record = transaction.get(keys.run(incarnation, run))?.record;
      if (record === undefined) return undefined;
      return { run: record, nodes: nodesOf(transaction, incarnation, run) };
    }),

  runs: async (incarnation) =>
    environment
      .read((transaction) => transaction.scan(keys.runs(incarnation)))
      .map(({ value }) => value.record),

  updateRun: (next, event) =>
    environment.write((transaction) => {
      const key = keys.run(next.incarnation, next.run);
      const stored = transaction.get(key);
      if (stored === undefined) return false;
      const verdict = compareVersions(stored.record, next);
      if (verdict === "write") {
        transaction.put(key, { ...stored, record: next });
        if (event !== undefined) appendEvent(transaction, next, event);
      }
      return verdict !== "refuse";
    }),

  events: async (incarnation, run, after) =>
    environment.read((transaction) => {
      const newest = transaction.get(keys.run(incarnation, run))?.events ?? 0;
      const found: WorkflowEvent[] = [];
      for (let number = after + 1; number <= newest; number += 1) {
        const event = transaction.get(keys.event(incarnation, run, number));
        if (event !== undefined) found.push(event);
      }
      return found;
    }),
});

export const controlNodes = (environment: ControlEnvironment): Nodes => ({
  nodes: async (incarnation, run) =>
    environment.read((transaction) => nodesOf(transaction, incarnation, run)),

  updateNode: (next, event) =>
    environment.write(
      (transaction) => {
        const key = keys.node(next);
        const stored = transaction.get(key);
        if (stored === undefined || !isLive(transaction, next.incarnation)) return false;
        const verdict = compareVersions(stored, next);
        if (verdict === "write") {
          transaction.put(key, next);
          if (event !== undefined) appendEvent(transaction, next, event);
        }
        return verdict !== "refuse";
      },
      isFinalNode(next.state) ? "soon" : "committed",
    ),
});

function insertInside(
  transaction: ControlTransaction,
  record: RunRecord,
  inserted: string,
): boolean {
  const { incarnation, run } = record;
  checkLive(transaction, record);
  const key = keys.run(incarnation, run);
  const stored = transaction.get(key);
  if (stored !== undefined) return stored.inserted === inserted;
  if (run < 1 || (run > 1 && transaction.get(keys.run(incarnation, run - 1)) === undefined))
    return false;
  transaction.put(key, { record, inserted, events: 0 });
  for (const node of record.affected) {
    const first: NodeRecord = { incarnation, run, node, version: 1, state: "none" };
    transaction.put(keys.node(first), first);
  }
  return true;
}

function checkLive(transaction: ControlTransaction, { incarnation, keyspace }: RunRecord): void {
  const state = transaction.get(keys.incarnation(incarnation))?.state;
  if (state === "live") return;
  const facts = { keyspace, incarnation };
  throw state === "dropping"
    ? new Fault("KEYSPACE_DROPPING", `keyspace ${keyspace} is being dropped`, { facts })
    : new Fault("KEYSPACE_MISSING", `keyspace ${keyspace} is gone`, { facts });
}

/** Records of a run in the order of RunRecord.affected. */
export function nodesOf(
  transaction: ControlTransaction,
  incarnation: string,
  run: number,
): readonly NodeRecord[] {
  const affected = transaction.get(keys.run(incarnation, run))?.record.affected ?? [];
  const place = new Map(affected.map((node, position) => [node, position]));
  const positionOf = (record: NodeRecord): number => place.get(record.node) ?? affected.length;
  return transaction
    .scan(keys.nodes(incarnation, run))
    .map(({ value }) => value)
    .sort((a, b) => positionOf(a) - positionOf(b));
}

/** `repeated`: exactly this write was applied before and nothing since. */
function compareVersions<T extends { readonly version: number }>(
  stored: T,
  next: T,
): "write" | "repeated" | "refuse" {
  if (stored.version === next.version - 1) return "write";
  const same = stored.version === next.version && canonicalJson(stored) === canonicalJson(next);
  return same ? "repeated" : "refuse";
}

export function appendEvent(
  transaction: ControlTransaction,
  { incarnation, run }: { readonly incarnation: string; readonly run: number },
  event: NewEvent,
): void {
  const key = keys.run(incarnation, run);
  const stored = transaction.get(key);
  if (stored === undefined) return;
  const number = stored.events + 1;
  transaction.put(keys.event(incarnation, run, number), { ...event, number });
  transaction.put(key, { ...stored, events: number });
}
