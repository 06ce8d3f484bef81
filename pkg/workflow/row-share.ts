/** Half-open range of row positions. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/** Batch i of n reads visible rows floor(iR/n) up to floor((i+1)R/n) - 1 (design 5); exact for any R below 2^53. */
export function rowShare(rows: number, batch: number, batches: number): RowRange {
  return { from: shareStart(rows, batch, batches), to: shareStart(rows, batch + 1, batches) };
}

export function shareStart(rows: number, batch: number, batches: number): number {
  if (rows * batches <= Number.MAX_SAFE_INTEGER) return Math.floor((batch * rows) / batches);
  return Number((BigInt(batch) * BigInt(rows)) / BigInt(batches));
}

/** The batch whose share holds the row. */
export function batchOfRow(rows: number, row: number, batches: number): number {
  let batch = Math.min(batches - 1, Math.floor((row / rows) * batches));
  while (batch > 0 && shareStart(rows, batch, batches) > row) batch -= 1;
  while (batch < batches - 1 && shareStart(rows, batch + 1, batches) <= row) batch += 1;
  return batch;
}
