import type { Column, Rowset } from "#pkg/rowset";

/** Bytes a column holds in memory, dictionary included; used to bound buffers, not to bill anybody. */
export function columnBytes(column: Column): number {
  if (column.type !== "string") return column.values.byteLength;
  const from = column.offsets[0] as number;
  const to = column.offsets[column.offsets.length - 1] as number;
  return (column.codes?.byteLength ?? 0) + column.offsets.byteLength + (to - from);
}

export function rowsetBytes(rowset: Rowset): number {
  let bytes = 0;
  for (const column of rowset.columns.values()) bytes += columnBytes(column);
  return bytes;
}
