import type { StringColumn } from "./column.ts";
import type { Entries } from "./texts.ts";

/**
 * The one way to make a string column: objects made by literals and spreads in many places have many hidden classes, and V8 compiled
 * every function over string columns up to nine times for them.
 */
export const stringColumn = (
  codes: Int32Array | undefined,
  { offsets, bytes }: Entries,
): StringColumn => ({ type: "string", codes, offsets, bytes });
