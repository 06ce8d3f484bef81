import { Fault } from "#pkg/fault";
import type { EditedRow } from "#pkg/operator";
import { parseCsv } from "./parse-csv.ts";

const NEEDED = ["node", "input", "file", "line"] as const;
const READ = "r.";

/** The lines of an edited export of rejected rows. Throws CORRECTION_INVALID when it is not one. */
export function readCorrections(text: string): readonly EditedRow[] {
  const [header, ...records] = parseCsv(text);
  const names = header?.cells ?? [];
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Fault("CORRECTION_INVALID", `the file has no column ${missing.join(", ")}`, {
      facts: { missing },
      hint: "Edit what `capitoolbelt rejected --csv` prints, and keep its columns.",
    });
  return records.map(({ cells, line: at }) => {
    if (cells.length !== names.length)
      throw new Fault(
        "CORRECTION_INVALID",
        `line ${at}: ${cells.length} cells, the header has ${names.length}`,
        { facts: { line: at } },
      );
    const row = new Map(names.map((name, index) => [name, cells[index] ?? ""]));
    const cell = (name: string): string => row.get(name) ?? "";
    const read = [...row].filter(([name]) => name.startsWith(READ));
    return {
      at,
      node: cell("node"),
      input: cell("input"),
      file: cell("file"),
      line: Number(cell("line")),
      decision: cell("decision"),
      values: Object.fromEntries(read.map(([name, value]) => [name.slice(READ.length), value])),
    };
  });
}
