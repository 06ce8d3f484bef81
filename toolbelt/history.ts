import {
  readBatchHistory,
  readNodeHistory,
  readRunHistory,
  type BatchHistoryRequest,
} from "#pkg/operator";
import type { BatchHistoryRow, NodeHistoryRow, RunHistoryRow } from "#pkg/workflow";
import type { Context } from "./context.ts";
import { EXIT } from "./exit-code.ts";
import { openInstallation } from "./installation.ts";

/**
 * The reference's history commands (spec/workflow.md 8.1): CSV without quoting, commas in comments as semicolons. Its header
 * lines name columns that its rows do not have (W-27); ours name the columns of the rows.
 */
type Cells = readonly (string | number)[];

const timeText = (at: number): string => new Date(at).toISOString().replace("Z", "+0000");

const commentText = (text: string): string =>
  text.replaceAll(",", ";").replaceAll(/\s*[\r\n]+\s*/g, " ");

const line = (cells: Cells): string => `${cells.join(",")}\n`;

const runCells = ({ at, run, status, comment }: RunHistoryRow): Cells => [
  timeText(at),
  run,
  status,
  commentText(comment),
];

const nodeCells = ({ at, run, node, status, comment }: NodeHistoryRow): Cells => [
  timeText(at),
  run,
  node,
  status,
  commentText(comment),
];

const batchCells = (row: BatchHistoryRow): Cells => [
  timeText(row.at),
  row.run,
  row.node,
  row.batch,
  row.batches,
  row.status,
  row.firstToken,
  row.lastToken,
  commentText(row.comment),
];

/** `get_run_history`. */
export async function showRunHistory(
  context: Context,
  keyspace: string,
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: false });
  const rows = await readRunHistory(installation.ports.store, keyspace);
  context.out(line(["ts", "run_id", "status", "comment"]) + rows.map(runCells).map(line).join(""));
  return EXIT.success;
}

/** `get_node_history`; no runs: all of the keyspace. */
export async function showNodeHistory(
  context: Context,
  { keyspace, runs }: { readonly keyspace: string; readonly runs: readonly number[] },
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: false });
  const rows = await readNodeHistory(installation.ports.store, keyspace, runs);
  const header = line(["ts", "run_id", "script_node", "status", "comment"]);
  context.out(header + rows.map(nodeCells).map(line).join(""));
  return EXIT.success;
}

const BATCH_COLUMNS: Cells = [
  "ts",
  "run_id",
  "script_node",
  "batch_idx",
  "batches_total",
  "status",
  "first_token",
  "last_token",
  "comment",
];

/** `get_batch_history`: printed as it is read, so that memory does not depend on the number of batches. */
export async function showBatchHistory(
  context: Context,
  request: BatchHistoryRequest,
  folder: string,
): Promise<number> {
  await using installation = await openInstallation(context, folder, { create: false });
  let header = line(BATCH_COLUMNS);
  for await (const rows of readBatchHistory(installation.ports.store, request)) {
    context.out(header + rows.map(batchCells).map(line).join(""));
    await context.drained();
    header = "";
  }
  if (header !== "") context.out(header);
  return EXIT.success;
}
