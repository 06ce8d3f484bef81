export { canonicalJson } from "./canonical-json.ts";
export { documentHash, manifestId } from "./content-hash.ts";
export type {
  ClaimAnswer,
  ControlStore,
  KeyspaceRecord,
  NewEvent,
  OutputClaim,
  PhaseKey,
  RunSummary,
  SessionRecord,
  UnitClaim,
  UnitCommit,
  UnitKey,
  UnitRelease,
} from "./control.ts";
export type { AttemptPlace, NodePlace, Piece, StoredPiece, TableStore } from "./tables.ts";
export {
  claimed,
  committed,
  pending,
  released,
  type Decision,
  type StoredUnit,
} from "./unit-transitions.ts";
