import type { FaultRecord } from "#pkg/fault";
import { Fault, toRecord } from "#pkg/fault";
import type { StoredUnit } from "../unit-transitions.ts";
import type { ControlTransaction } from "./control-environment.ts";
import { appendEvent, nodesOf } from "./control-runs.ts";
import type { StoredRun } from "./stored-records.ts";
import { keys, type Prefix } from "./control-keys.ts";

/**
 * Table data is not flushed before its node is finished, so after another boot nothing that an unfinished node wrote can be
 * trusted: its units become pending again, its phases start over, and the table store gives it an empty environment.
 * A node that has its manifest was flushed before.
 */
export function forgetUnfinishedNodes(transaction: ControlTransaction, at: number): void {
  for (const { value: keyspace } of transaction.scan(keys.keyspaces)) {
    for (const { value: stored } of transaction.scan(keys.runs(keyspace.incarnation))) {
      if (stored.record.state === "running") forgetNodes(transaction, stored, at);
    }
  }
}

function forgetNodes(
  transaction: ControlTransaction,
  { record: run }: StoredRun,
  at: number,
): void {
  const { incarnation } = run;
  for (const node of nodesOf(transaction, incarnation, run.run)) {
    if (node.state !== "running" || node.manifest !== undefined) continue;
    const cause = toRecord(
      new Fault("TABLE_DAMAGED", `lost by power failure: node ${node.node} had not been finished`),
    );
    resetUnits(transaction, keys.nodeUnits(node), cause);
    const place = { incarnation, run: run.run, node: node.node };
    for (const { name: phase } of node.plan?.phases ?? []) {
      transaction.remove(keys.progress({ ...place, phase }));
    }
    const next = { ...node, version: node.version + 1, ...("phase" in node ? { phase: 0 } : {}) };
    transaction.put(keys.node(node), next);
    const text = "batches lost by power failure; they run again";
    appendEvent(transaction, place, { at, node: node.node, kind: "lost", text });
  }
}

function resetUnits(
  transaction: ControlTransaction,
  prefix: Prefix<StoredUnit>,
  cause: FaultRecord,
): void {
  for (const { key, value } of transaction.scan(prefix)) {
    const { outcome: _lost, endedAt: _end, ...record } = value.record;
    const causes = [...record.causes, cause];
    const next: StoredUnit = {
      record: { ...record, state: "running", token: "", session: "", causes },
    };
    transaction.put(key, next);
  }
}
