import type { FaultRecord } from "#pkg/fault";
import { Fault, toRecord } from "#pkg/fault";
import type { StoredUnit } from "../unit-transitions.ts";
import type { ControlTransaction } from "./control-environment.ts";
import { appendEvent, nodesOf } from "./control-runs.ts";
import type { StoredProgress, StoredRun } from "./stored-records.ts";
import { keys, type Prefix } from "./control-keys.ts";

/**
 * Table data is not flushed before its node is finished, so after another boot nothing that an unfinished node wrote can be
 * trusted: its units become pending again, its phases start over, and the table store gives it an empty environment.
 * A node that has its manifest was flushed before. In a stopped run such a node has not been told of the stop yet; what a
 * retry would take over of it is gone too.
 */
export function forgetUnfinishedNodes(transaction: ControlTransaction, at: number): void {
  for (const { value: keyspace } of transaction.scan(keys.keyspaces)) {
    for (const { value: stored } of transaction.scan(keys.runs(keyspace.incarnation))) {
      if (stored.record.state !== "complete") forgetNodes(transaction, stored, at);
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
    const place = { incarnation, run: run.run, node: node.node };
    for (const { name: phase } of node.plan?.phases ?? []) {
      const kept = resetUnits(transaction, keys.units({ ...place, phase }), cause);
      const key = keys.progress({ ...place, phase });
      if (kept.succeeded === 0) transaction.remove(key);
      else transaction.put(key, kept);
    }
    const next = { ...node, version: node.version + 1, ...("phase" in node ? { phase: 0 } : {}) };
    transaction.put(keys.node(node), next);
    const text = "batches lost by power failure; they run again";
    appendEvent(transaction, place, { at, node: node.node, kind: "lost", text });
  }
}

/** Units taken over from another run lie in an environment that was flushed then; they still count. */
function resetUnits(
  transaction: ControlTransaction,
  prefix: Prefix<StoredUnit>,
  cause: FaultRecord,
): Required<StoredProgress> {
  const kept = { succeeded: 0, failed: 0, rejected: 0 };
  for (const { key, value } of transaction.scan(prefix)) {
    const { outcome } = value.record;
    if (outcome?.from !== undefined) {
      kept.succeeded += 1;
      kept.rejected += outcome.counts.rejected;
      continue;
    }
    const { outcome: _lost, endedAt: _end, ...record } = value.record;
    const causes = [...record.causes, cause];
    const next: StoredUnit = {
      record: { ...record, state: "running", token: "", session: "", causes },
    };
    transaction.put(key, next);
  }
  return kept;
}
