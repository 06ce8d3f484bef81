export {
  checkKeyspaceName,
  checkStartNodes,
  startRun,
  type StartedRun,
  type StartRequest,
} from "./start-run.ts";
export { runConstants } from "./run-constants.ts";
export { loadScript } from "./load-script.ts";
export type { OperatorPorts } from "./ports.ts";
export { reportRun, type BatchReport, type NodeReport, type RunReport } from "./report.ts";
export { prepareReplay, type ReplayRequest } from "./prepare-replay.ts";
export { correctRows } from "./correct-rows.ts";
export type { EditedRow } from "./match-edits.ts";
export { waiveRows } from "./waive-rows.ts";
export {
  listRejected,
  type Rejected,
  type RejectedListing,
  type RejectedRequest,
} from "./rejected.ts";
export { findKeyspace, findRun, findUnfinished } from "./find-run.ts";
export { prepareRetry, type PreparedRetry, type RetryRequest } from "./prepare-retry.ts";
export { prepareStart, type PreparedStart } from "./prepare-start.ts";
export { startRetry, type RetryStarter } from "./start-retry.ts";
export { preview, type Preview, type PreviewRequest } from "./preview.ts";
export {
  readBatchHistory,
  readNodeHistory,
  readRunHistory,
  type BatchHistoryRequest,
} from "./history.ts";
export { nodeStatuses, scriptOfRun } from "./statuses.ts";
export { tableCql } from "./table-cql.ts";
export { explain, type ExplainRequest, type NodeExplanation } from "./explain.ts";
export { estimateRun, pastRuns, type Past } from "./past-runs.ts";
export { compareKeys, type KeyDifferences, type KeyRequest } from "./compare-keys.ts";
export { compareRuns, type NodeComparison, type RunComparison } from "./compare-runs.ts";
export { findTable } from "./find-table.ts";
export type { ColumnProfile } from "./profile-column.ts";
export { profileColumns, profileTable, type ProfileRequest } from "./profile-table.ts";
export { examine } from "./doctor/examine.ts";
export type { Finding } from "./doctor/finding.ts";
