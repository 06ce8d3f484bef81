import type { RunConstants } from "#pkg/workflow";

/** Of runs in tests that ask for no others: small inputs are one batch, one chunk and broadcast. */
export const CONSTANTS: RunConstants = {
  chunkRows: 1000,
  chunkBytes: 90_000,
  rangeSize: 64 << 20,
  broadcastLimit: 32 << 20,
  partitions: 0,
};
