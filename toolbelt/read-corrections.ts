import { Fault } from "#pkg/fault";
import type { EditedRow } from "#pkg/operator";
import { CsvParser, type CsvRecord } from "./parse-csv.ts";

const NEEDED = ["node", "input", "file", "line"] as const;
const READ = "r.";

/** The lines of an edited export of rejected rows, whose text comes in pieces. Throws CORRECTION_INVALID when it is not one. */
export async function* readCorrections(
  text: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<EditedRow> {
  let names: readonly string[] | undefined;
  for await (const record of recordsOf(text)) {
    if (names === undefined) names = namesOf(record);
    else yield editedRow(names, record);
  }
  if (names === undefined) namesOf({ line: 1, cells: [] });
}

async function* recordsOf(
  text: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<CsvRecord> {
  const parser = new CsvParser();
  for await (const piece of text) yield* parser.push(piece);
  yield* parser.end();
}

function namesOf({ cells }: CsvRecord): readonly string[] {
  const missing = NEEDED.filter((name) => !cells.includes(name));
  if (missing.length === 0) return cells;
  throw new Fault("CORRECTION_INVALID", `the file has no column ${missing.join(", ")}`, {
    facts: { missing },
    hint: "Edit what `capitoolbelt rejected --csv` prints, and keep its columns.",
  });
}

function editedRow(names: readonly string[], { cells, line: at }: CsvRecord): EditedRow {
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
}
