import { Fault } from "#pkg/fault";
import type { TableStore } from "#pkg/store";
import type { RunConstants } from "#pkg/workflow";

const CONSTANTS = {
  chunk_rows: { key: "chunkRows", least: 1 },
  chunk_bytes: { key: "chunkBytes", least: 1024 },
  range_size: { key: "rangeSize", least: 1 },
  broadcast_limit: { key: "broadcastLimit", least: 0 },
  partitions: { key: "partitions", least: 1 },
} as const satisfies Record<string, { key: keyof RunConstants; least: number }>;

const MEGABYTE = 2 ** 20;
const MOST_BROADCAST = 64 * MEGABYTE;
/** Each thread holds a broadcast table of its own, and twice of it while it is built. */
const BROADCAST_SHARE = 8;

/** Chunks as the table store likes them (0), partitions as many as the input is worth (0). */
const DEFAULTS: RunConstants = {
  chunkRows: 0,
  chunkBytes: 0,
  rangeSize: 64 * MEGABYTE,
  broadcastLimit: MOST_BROADCAST,
  partitions: 0,
};

/**
 * Constants of a run from what people set (design 11), as texts by the names they use. Throws USAGE for an unknown name and
 * for a number that is none or too small. `memoryMb` is what the process may take that starts the run and executes it: with little of
 * it only small tables are broadcast. The limit is recorded, so that the plan does not depend on who continues the run.
 */
export function runConstants(
  values: Readonly<Record<string, string>>,
  memoryMb = Number.POSITIVE_INFINITY,
): RunConstants {
  const constants: { -readonly [Key in keyof RunConstants]: number } = {
    ...DEFAULTS,
    broadcastLimit: Math.min(MOST_BROADCAST, (memoryMb * MEGABYTE) / BROADCAST_SHARE),
  };
  for (const [name, text] of Object.entries(values)) {
    const constant = Object.hasOwn(CONSTANTS, name)
      ? CONSTANTS[name as keyof typeof CONSTANTS]
      : undefined;
    if (constant === undefined)
      throw new Fault("USAGE", `no constant of a run is named "${name}"`, {
        hint: `Constants are: ${Object.keys(CONSTANTS).join(", ")}.`,
      });
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < constant.least)
      throw new Fault(
        "USAGE",
        `${name}=${text}: a whole number of at least ${constant.least} is needed`,
      );
    constants[constant.key] = value;
  }
  return constants;
}

/** Constants as they are recorded with a run: where no chunk size is asked for (0), the one that suits the store of the tables. */
export const settledConstants = (
  wanted: RunConstants,
  { chunkSize }: Pick<TableStore, "chunkSize">,
): RunConstants => ({
  ...wanted,
  chunkRows: wanted.chunkRows || chunkSize.rows,
  chunkBytes: wanted.chunkBytes || chunkSize.bytes,
});
