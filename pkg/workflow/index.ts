export {
  PHASES,
  type CheckResult,
  type FrozenInput,
  type Manifest,
  type ManifestBatch,
  type NodePlan,
  type NodeRecord,
  type NodeState,
  type PhaseName,
  type RowCounts,
  type RunConstants,
  type RunRecord,
  type RunState,
  type SourceVersion,
  type UnitOutcome,
  type UnitRecord,
  type UnitState,
  type Verdict,
  type WorkflowEvent,
} from "./records.ts";
export {
  adoptedUnits,
  rebasedVerdict,
  type AdoptedNode,
  type AdoptedUnits,
  type Adoption,
  type Adoptions,
} from "./adoption.ts";
export { affectedNodes, sourceNodes } from "./affected-nodes.ts";
export {
  expectedRows,
  expectedTime,
  remainingTime,
  type NodeProgress,
  type PastRun,
  type Range,
} from "./estimates.ts";
export {
  buildManifest,
  executedUnit,
  rejectedPieces,
  tokensToKeep,
  unitsOf,
  type NumberedUnit,
  type UnitsByPhase,
} from "./manifest.ts";
export { afterSplit, nodePlan, sourceSize, type PlanFacts, type SourceSize } from "./node-plan.ts";
export {
  batchHistory,
  beginsWithClaim,
  nodeHistory,
  runHistory,
  type BatchFacts,
  type BatchHistoryRow,
  type NodeHistoryRow,
  type RunHistoryRow,
} from "./history.ts";
export type { UnitTask } from "./unit-task.ts";
export { lastCause } from "./last-cause.ts";
export { failedCheck, warningsOfChecks } from "./checks.ts";
export {
  concernsNode,
  isSameSource,
  laterDecision,
  NO_DECISIONS,
  openLayer,
  pageText,
  partOf,
  readAppliedDecisions,
  readDecisionContent,
  readPage,
  sourceKey,
  sourceOf,
  type AppliedDecisions,
  type CorrectedTexts,
  type DecidedRow,
  type DecisionContent,
  type DecisionLayer,
  type DecisionPage,
  type PagePart,
  type RowDecision,
  type RowSource,
  type SourceRows,
  type WaivedRows,
} from "./corrections.ts";
export { outputUrl } from "./output-url.ts";
export { plan, type Action, type PhaseCounts, type WorkflowState } from "./plan.ts";
export { type DependencyEvent, type PolicyAnswer } from "./policy.ts";
export { isSameScript, scriptName, scriptPlace, type ScriptTraits } from "./script-name.ts";
export { batchOfRow, rowShare, type RowRange } from "./row-share.ts";
export { isCounted, isFinalNode, NODE_CODES, nodeCode, nodeCodeName } from "./status.ts";
export { isOverRejectLimit, tooManyRejected } from "./reject-limit.ts";
export { planRetry } from "./retry/plan-retry.ts";
export {
  hasWork,
  isExecuting,
  type RetriedNode,
  type RetryFacts,
  type RetryPlan,
  type RetryRefusal,
  type RetryRequest,
  type RetrySize,
  type RetryStep,
} from "./retry/retry-plan.ts";
export { retryRun, type RetryRun } from "./retry/retry-run.ts";
export { planStart, type StartFacts, type StartStep } from "./start-plan.ts";
export {
  NODE_TRANSITIONS,
  RUN_TRANSITIONS,
  type NodeEvent,
  type Outcome,
  type RunEvent,
  type UnitEvent,
  type UnitStep,
} from "./transitions.ts";
export {
  type Decision,
  type DependencyFacts,
  type RunFacts,
  type SourceChoice,
} from "./verdict.ts";
