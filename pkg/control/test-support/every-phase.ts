import {
  aDistinct,
  aFileTable,
  aLookup,
  aScript,
  aTableFile,
} from "../../workflow/test-support/build.ts";
import type { StartOptions } from "./installation.ts";

/** With `everyPhaseOptions`: split, rows, finish, shuffle, join, and two files to publish. */
export const everyPhase = aScript([
  aFileTable("orders"),
  aDistinct("days", "orders"),
  aLookup("join", { left: "orders", right: "days" }),
  aTableFile("file", "join", { reader: { table: "t_join", rowsetSize: 10, batches: 2 } }),
]);

/** A file that is split, and a lookup that is partitioned. */
export const everyPhaseOptions = {
  sizes: [100],
  constants: { rangeSize: 50, broadcastLimit: 0 },
} as const satisfies Partial<StartOptions>;
