export type {
  BoolColumn,
  Column,
  DatetimeColumn,
  DecimalColumn,
  FloatColumn,
  IntColumn,
  Integers,
  Rowset,
  StringColumn,
} from "./column.ts";
export {
  concatColumns,
  concatVectors,
  gatherColumn,
  gatherVector,
  sliceVector,
} from "./columns.ts";
export { decodeChunk } from "./decode-chunk.ts";
export { encodeChunk } from "./encode-chunk.ts";
export { hashKeys } from "./hash-keys.ts";
export { keyColumns } from "./key-columns.ts";
export { keyMatcher, type KeyMatcher } from "./keys-equal.ts";
export { orderComparator, sortPermutation } from "./order.ts";
export type { OrderPart } from "./order-keys.ts";
export { growingBytes, LARGE_BYTES, ownBytes, pageBytes } from "./page-bytes.ts";
export { safeDoubles } from "./representation.ts";
export { columnOf, concatRowsets, gatherRowset, sliceRowset } from "./rowset.ts";
export { sortByNumbers } from "./sort-by-numbers.ts";
export { storable } from "./storable.ts";
export { stringColumn } from "./string-column.ts";
export { decodeTexts, textsOf, type Entries } from "./texts.ts";
export { ValueHash } from "./value-hash.ts";
export { columnFrom, constantColumn, valueAt, vectorFrom, vectorRows } from "./values.ts";
export { isExact, type ExactDatetimes, type ExactDecimals, type Vector } from "./vector.ts";
