import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folders.ts";
import { peakOf } from "../support/peak-memory.ts";
import { tinyPipeline, type Tiny } from "../support/tiny-pipeline.ts";

/** The full form is CAPI_REJECTED_ROWS=1200000. */
const ROWS = Number(process.env["CAPI_REJECTED_ROWS"] ?? 120_000);
const FEW = 100;
/** What the garbage collector has not taken yet; nothing that grows with the rows. */
const SLACK_MB = 140;
/** The budget of what executes, most of which a little script leaves unused. */
const EXECUTION = ["--threads", "1", "--memory", "128"];

/** Every second row has a cell that is no number, the others divide by zero. Nothing sorts, which would take its share of the budget. */
function badStock(name: string, rows: number): Tiny {
  const tiny = tinyPipeline(temporaryFolder(name), { double: "100 / r.col_qty" });
  const script = JSON.parse(readFileSync(tiny.script, "utf8")) as {
    nodes: Record<"read_stock" | "write_stock", { on_error?: string; w: { top?: object } }>;
  };
  script.nodes.read_stock.on_error = "reject";
  delete script.nodes.write_stock.w.top;
  writeFileSync(tiny.script, JSON.stringify(script));
  const file = openSync(join(tiny.folder, "in", "stock.csv"), "w");
  writeSync(file, "sku,qty,price\n");
  for (let at = 0; at < rows; at += 100)
    writeSync(
      file,
      Array.from({ length: 50 }, (_, pair) => `A-${at + pair},0,1.50\nB,x,2\n`).join(""),
    );
  closeSync(file);
  return tiny;
}

const place = ({ data }: Tiny): readonly string[] => ["--keyspace", "tiny", "--data", data];

const COMMANDS: Readonly<Record<string, (tiny: Tiny) => readonly string[]>> = {
  run: (tiny) => [...tiny.run, ...EXECUTION],
  list: (tiny) => ["rejected", ...place(tiny)],
  export: (tiny) => ["rejected", ...place(tiny), "--csv", "--reason", "CELL_INVALID"],
  waive: (tiny) => ["waive", ...place(tiny), "--all"],
  "plan of waivers": (tiny) => ["replay", ...place(tiny), "--plan"],
  correct: (tiny) => ["correct", editedOf(tiny), ...place(tiny)],
  "list of corrections": (tiny) => ["rejected", ...place(tiny)],
  plan: (tiny) => ["replay", ...place(tiny), "--plan"],
  replay: (tiny) => ["replay", ...place(tiny), ...EXECUTION],
};

const editedOf = ({ folder }: Tiny): string => join(folder, "edited.csv");

/** The export with a number in place of the cell that is none, as an editor would write it. */
function edit(tiny: Tiny, csv: string): void {
  writeFileSync(editedOf(tiny), csv.replaceAll(/,x,2(?=\r?\n)/g, ",4,2"));
}

test(`P7, P8: ${ROWS} rejected rows are made, listed, exported, waived, corrected and replayed in the memory of ${FEW}`, async () => {
  const [few, many] = [badStock("few-rejected", FEW), badStock("many-rejected", ROWS)];
  const lines: string[] = [];
  for (const [what, command] of Object.entries(COMMANDS)) {
    const { peak: idle, stdout: little } = await peakOf(command(few));
    if (what === "export") edit(few, little);
    const started = performance.now();
    const { peak, stdout, stderr } = await peakOf(command(many));
    const seconds = (performance.now() - started) / 1000;
    lines.push(`${what} ${peak.toFixed(0)} MB (${idle.toFixed(0)}), ${seconds.toFixed(1)} s`);
    expect(peak - idle, lines.join("; ")).toBeLessThan(SLACK_MB);
    if (what === "list")
      expect(stderr).toContain(
        `${ROWS} rejected rows: ${ROWS / 2} EXPRESSION_ROW, ${ROWS / 2} CELL_INVALID; 20 shown`,
      );
    if (what === "export") {
      expect(stdout.split("\n")).toHaveLength(ROWS / 2 + 2);
      edit(many, stdout);
    }
    if (what === "correct") expect(stderr).toContain(`${ROWS / 2} rows corrected, 0 waived`);
    if (what === "waive") expect(stderr).toContain(`${ROWS} rows waived`);
    if (what === "replay") {
      expect(stderr).toContain(`applied: ${ROWS / 2} corrected rows and ${ROWS / 2} waived rows`);
      const written = readFileSync(join(many.out, "stock.csv"), "utf8");
      expect(written.split("\n", 3)).toEqual(["sku,double,price", "B,25,2.00", "B,25,2.00"]);
      expect(written).toHaveLength("sku,double,price\n".length + (ROWS / 2) * "B,25,2.00\n".length);
    }
  }
  console.log(`${ROWS} rejected rows: ${lines.join("; ")}`);
}, 900_000);
