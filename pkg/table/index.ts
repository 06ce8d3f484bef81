export { NOTHING_DECIDED, openDecidedRows, type DecidedRows } from "./decided-rows.ts";
export { readTable, type ReadOptions, type TableBlock } from "./read-table.ts";
export {
  encodeRejected,
  readRejected,
  readRejectedPlaces,
  rejectedPiece,
  rejectedRowset,
  rejectedRowsOf,
  type ReadRejected,
  type RejectedPlace,
  type RejectedRow,
  type SetAsideRow,
} from "./rejected-rows.ts";
export type { SourceDecisions } from "./source-decisions.ts";
export { rowsetBytes } from "./rowset-bytes.ts";
export { bytesOfPositions, selectionDirectory, selectionPiece } from "./selection.ts";
