export { documentHash } from "./content-hash.ts";
export type {
  ClaimAnswer,
  ControlStore,
  KeyspaceRecord,
  NewEvent,
  OpenUnit,
  OutputClaim,
  PhaseKey,
  PhaseProgress,
  RunSummary,
  RunWithNodes,
  SessionRecord,
  UnitClaim,
  UnitCommit,
  UnitKey,
  UnitRelease,
} from "./control.ts";
export type { AttemptPlace, NodePlace, Piece, StoredPiece, TableStore } from "./tables.ts";
export { type Decision, type StoredUnit } from "./unit-transitions.ts";
export { groupsOf, type UnitGroup } from "./unit-groups.ts";
