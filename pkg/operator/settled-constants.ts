import type { TableStore } from "#pkg/store";
import type { RunConstants } from "#pkg/workflow";

/** Constants as they are recorded with a run: where no chunk size is asked for (0), the one that suits the store of the tables. */
export const settledConstants = (
  wanted: RunConstants,
  { chunkSize }: Pick<TableStore, "chunkSize">,
): RunConstants => ({
  ...wanted,
  chunkRows: wanted.chunkRows || chunkSize.rows,
  chunkBytes: wanted.chunkBytes || chunkSize.bytes,
});
