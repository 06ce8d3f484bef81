export { readTable, type ReadOptions, type TableBlock } from "./read-table.ts";
export {
  encodeRejected,
  readRejected,
  rejectedPiece,
  rejectedRowset,
  rejectedRowsOf,
  type RejectedRow,
} from "./rejected-rows.ts";
export { rowsetBytes } from "./rowset-bytes.ts";
export { bytesOfPositions, selectionDirectory, selectionPiece } from "./selection.ts";
