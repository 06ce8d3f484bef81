import { readFileSync, writeFileSync } from "node:fs";
import { tinyPipeline, type Tiny, type TinyOptions } from "./tiny-pipeline.ts";

export interface SlowOptions extends Pick<TinyOptions, "files" | "manualWriter" | "target"> {
  /** Rows of every input file; each takes some 10 ms of a core. */
  readonly rows: number;
  /** The node that takes the time; default the reader. */
  readonly slow?: "read" | "write";
}

/** Random text in which every second letter begins a match that fails 200 letters later. */
const LETTERS = 4000;
const SLOW_PATTERN = "`a[ab]{200}[c-z]`";

const slowed = (table: "r.col_sku" | "r.sku", value: string): string =>
  `int.iif(re.MatchString(${SLOW_PATTERN}, ${table}), 0, ${value})`;

function slowText(rows: number): string {
  let state = 7;
  const letter = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < 0.5 ? "a" : "b";
  };
  const lines = Array.from({ length: rows }, (_, row) => {
    const sku = `${row}-${Array.from({ length: LETTERS }, letter).join("")}`;
    return `${sku},${row},1.50`;
  });
  return `sku,qty,price\n${lines.join("\n")}\n`;
}

/** The tiny pipeline with a node that takes its time without waiting for anything: row code of one core. */
export function slowPipeline(folder: string, options: SlowOptions): Tiny {
  const { rows, slow = "read", ...tiny } = options;
  const csv = slowText(rows);
  if (slow === "read")
    return tinyPipeline(folder, { ...tiny, csv, double: slowed("r.col_sku", "r.col_qty * 2") });
  const made = tinyPipeline(folder, { ...tiny, csv });
  const script = readFileSync(made.script, "utf8");
  writeFileSync(
    made.script,
    script.replace('"r.double"', JSON.stringify(slowed("r.sku", "r.double"))),
  );
  return made;
}
