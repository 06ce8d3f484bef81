import { clockOf, clockOfMs } from "./date-time.ts";
import { layoutPrinter } from "./layout-format.ts";
import { layoutParser } from "./layout-parse.ts";
import { tokenizeLayout } from "./layout-tokens.ts";
import type { DateTime } from "./value.ts";

/** A datetime layout of spec/expressions.md 5.2, ready for use. */
export interface Layout {
  /** Undefined when the text does not fit (E-time). */
  readonly parse: (text: string) => DateTime | undefined;
  /** In the value's own zone; never fails. */
  readonly format: (value: DateTime) => string;
  /** `format` of stored milliseconds (UTC). */
  readonly formatMs: (ms: number) => string;
}

/** Layouts may come from data, so the memory is emptied before it grows without bound. */
const MAX_KEPT = 1000;
const kept = new Map<string, Layout>();

/** Compiled once for every text. */
export function compileLayout(layout: string): Layout {
  const known = kept.get(layout);
  if (known !== undefined) return known;
  const tokens = tokenizeLayout(layout);
  const print = layoutPrinter(tokens);
  const compiled: Layout = {
    parse: layoutParser(tokens),
    format: (value) => print(clockOf(value)),
    formatMs: (ms) => print(clockOfMs(ms)),
  };
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(layout, compiled);
  return compiled;
}
