import { counted, Fault } from "#pkg/fault";
import type { EditedRow } from "#pkg/operator";
import { CsvParser, type CsvRecord } from "./parse-csv.ts";

const NEEDED = ["node", "input", "file", "line"] as const;
const READ = "r.";

/** The lines of an edited export of rejected rows, whose text comes in pieces. Throws CORRECTION_INVALID when it is not one. */
export async function* readCorrections(
  text: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly EditedRow[]> {
  let header: Header | undefined;
  for await (const records of recordsOf(text)) {
    const rows: EditedRow[] = [];
    for (const record of records)
      if (header === undefined) header = headerOf(record);
      else rows.push(editedRow(header, record));
    yield rows;
  }
  if (header === undefined) headerOf({ line: 1, cells: [] });
}

async function* recordsOf(
  text: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<readonly CsvRecord[]> {
  const parser = new CsvParser();
  for await (const piece of text) yield parser.push(piece);
  yield parser.end();
}

/** Where the cells of a record stand that say something. */
interface Header {
  readonly length: number;
  readonly at: Readonly<Record<(typeof NEEDED)[number] | "decision", number>>;
  /** Names of what was read, and their cells. */
  readonly read: readonly (readonly [name: string, cell: number])[];
}

function headerOf({ cells: names }: CsvRecord): Header {
  const missing = NEEDED.filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new Fault("CORRECTION_INVALID", `the file has no column ${missing.join(", ")}`, {
      facts: { missing },
      hint: "Edit what `capitoolbelt rejected --csv` prints, and keep its columns.",
    });
  const [node = 0, input = 0, file = 0, line = 0] = NEEDED.map((name) => names.lastIndexOf(name));
  const read = names.flatMap((name, at) =>
    name.startsWith(READ) ? [[name.slice(READ.length), at] as const] : [],
  );
  const decision = names.lastIndexOf("decision");
  return { length: names.length, at: { node, input, file, line, decision }, read };
}

function editedRow({ length, at, read }: Header, { cells, line }: CsvRecord): EditedRow {
  if (cells.length !== length)
    throw new Fault(
      "CORRECTION_INVALID",
      `line ${line}: ${counted(cells.length, "cell")}, the header has ${length}`,
      { facts: { line } },
    );
  const values: Record<string, string> = {};
  for (const [name, cell] of read) values[name] = cells[cell] as string;
  return {
    at: line,
    node: cells[at.node] as string,
    input: cells[at.input] as string,
    file: cells[at.file] as string,
    line: Number(cells[at.line]),
    decision: cells[at.decision] ?? "",
    values,
  };
}
