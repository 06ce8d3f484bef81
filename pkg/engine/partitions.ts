import { gatherRowset, type Rowset } from "#pkg/rowset";

/** Partition of a hash: its top bits, so that the low bits still spread within a partition. `partitions` is a power of two. */
export function partitionOf(hash: number, partitions: number): number {
  return partitions <= 1 ? 0 : hash >>> (32 - Math.log2(partitions));
}

export interface PartitionedRows {
  /** Row positions grouped by partition, in row order within each. */
  readonly order: Int32Array;
  /** Partition p is order[starts[p]] up to order[starts[p + 1]]. */
  readonly starts: Int32Array;
}

/** Counting sort of rows by partition. */
export function partitionRows(hashes: Uint32Array, partitions: number): PartitionedRows {
  const shift = 32 - Math.log2(partitions);
  const starts = new Int32Array(partitions + 1);
  const rows = hashes.length;
  const part = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const at = partitions === 1 ? 0 : (hashes[row] as number) >>> shift;
    part[row] = at;
    starts[at + 1] = (starts[at + 1] as number) + 1;
  }
  for (let at = 0; at < partitions; at += 1)
    starts[at + 1] = (starts[at + 1] as number) + (starts[at] as number);
  const next = starts.slice();
  const order = new Int32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const at = part[row] as number;
    const to = next[at] as number;
    order[to] = row;
    next[at] = to + 1;
  }
  return { order, starts };
}

/** Calls `each` with the rows of every partition that has some, in partition order. */
export async function forEachPartition(
  rowset: Rowset,
  rows: PartitionedRows,
  each: (partition: number, rowset: Rowset) => Promise<void>,
): Promise<void> {
  for (let partition = 0; partition < rows.starts.length - 1; partition += 1) {
    const from = rows.starts[partition] as number;
    const to = rows.starts[partition + 1] as number;
    if (to > from) await each(partition, gatherRowset(rowset, rows.order.subarray(from, to)));
  }
}
