import { counted, Fault, isFault } from "#pkg/fault";
import type { CsvReader, CsvReaderColumn } from "./types.ts";
import { textOf } from "./bytes.ts";

/** Where messages say that something is. */
export interface CsvPlace {
  readonly url: string;
  readonly node: string;
}

const SHOWN = 60;

const escaped = (character: string): string => {
  const quoted = JSON.stringify(character).slice(1, -1);
  return quoted === character
    ? `\\u${(character.codePointAt(0) as number).toString(16).padStart(4, "0")}`
    : quoted;
};

/** A cell as people can read it: at most 60 characters, control characters escaped. */
export function printable(text: string): string {
  const characters = Array.from(text);
  const cut = characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : text;
  return cut.replaceAll(/[\p{Cc}\u2028\u2029]/gu, escaped);
}

/** What a person finds in the file, header or number, and in the script, unless the one shows the other. */
function columnTitle(reader: CsvReader, { header, index, name }: CsvReaderColumn): string {
  if (reader.byHeader && name.includes(header)) return header;
  return `${reader.byHeader ? header : index + 1} (${name})`;
}

const article = (type: string): string => (type === "int" ? "an int" : `a ${type}`);

function expectation({ type, format }: CsvReaderColumn): string {
  if (type === "string" && format !== "") return "readable: a string column takes no col_format";
  if (type === "bool" && format !== "") return "readable: a bool column takes no col_format";
  if (type === "datetime" && format === "") return "a datetime: the column needs a col_format";
  if (format === "") return article(type);
  return type === "datetime"
    ? `a datetime of layout ${format}`
    : `${article(type)} of format ${format}`;
}

export interface CellPlace extends CsvPlace {
  readonly reader: CsvReader;
  readonly column: CsvReaderColumn;
  readonly line: number;
  readonly source: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** What the conversion of a cell threw, with the place where it happened. */
export function cellFault(place: CellPlace, error: unknown): Fault {
  const { url, node, reader, column, line, source, from, to } = place;
  const title = columnTitle(reader, column);
  const where = `${url} line ${line}, column ${title}`;
  const text = printable(textOf(source, from, Math.min(to, from + 4 * (SHOWN + 1))));
  const [file, name, header] = [url, column.name, column.header];
  if (!isFault(error)) throw error;
  if (error.code === "CELL_TOO_LARGE")
    return new Fault("CELL_TOO_LARGE", `${where}: ${error.message}`, {
      facts: { node, file, line, column: name, header, text },
    });
  if (error.code === "ENCODING_INVALID") {
    const byte = Number(error.facts["byte"]) + 1;
    const value = Number(error.facts["value"]).toString(16).padStart(2, "0");
    const problem = `byte ${byte} of the cell (0x${value}) is not UTF-8`;
    return new Fault("ENCODING_INVALID", `${where}: ${problem}`, {
      facts: { node, file, line, column: name, header, text, problem, byte },
    });
  }
  const expected = expectation(column);
  const blank = text.trim() === "" && column.defaultText !== "";
  const what = blank
    ? `the default "${printable(column.defaultText)}" of an empty cell`
    : `"${text}"`;
  const problem = `${what} is not ${expected}`;
  return new Fault("CELL_INVALID", `${where}: ${problem}`, {
    facts: {
      node,
      file,
      line,
      column: name,
      header,
      text,
      problem,
      expected,
      reason: error.facts["code"],
    },
    cause: error,
  });
}

export function raggedFault(place: CsvPlace, line: number, found: number, expected: number): Fault {
  const problem = `the record has ${counted(found, "cell")}, the first record of the file has ${expected}`;
  return new Fault("RECORD_INVALID", `${place.url} line ${line}: ${problem}`, {
    facts: { node: place.node, file: place.url, line, problem, found, expected },
  });
}

export const oversizedFault = (place: CsvPlace, line: number): Fault =>
  new Fault(
    "CELL_TOO_LARGE",
    `${place.url} line ${line}: a cell has more than 64 MB; is a quote left open?`,
    {
      facts: { node: place.node, file: place.url, line },
    },
  );

export const separatorFault = (place: CsvPlace, separator: string): Fault =>
  new Fault("SCRIPT_INVALID", `${place.url}: ${JSON.stringify(separator)} cannot separate cells`, {
    facts: { node: place.node, file: place.url, separator },
    hint: "The separator is one byte that is no quote, CR or LF.",
  });

const listed = (texts: readonly string[]): string =>
  texts.map((text) => `"${printable(text)}"`).join(", ");

export function missingHeaders(
  place: CsvPlace,
  line: number,
  missing: readonly string[],
  found: readonly string[],
): Fault {
  const what = missing.length === 1 ? "column header" : "column headers";
  return new Fault(
    "HEADER_INVALID",
    `${place.url} line ${line}: no ${what} ${listed(missing)}; found ${listed(found)}`,
    {
      facts: { node: place.node, file: place.url, line, missing, found },
    },
  );
}

export const headerFault = (place: CsvPlace, problem: string, hint?: string): Fault =>
  new Fault("HEADER_INVALID", `${place.url}: ${problem}`, {
    facts: { node: place.node, file: place.url },
    ...(hint === undefined ? {} : { hint }),
  });

export const headerEncodingFault = (place: CsvPlace, line: number, byte: number): Fault =>
  new Fault(
    "ENCODING_INVALID",
    `${place.url} line ${line}: byte ${byte} of the file, in the header, is not UTF-8`,
    {
      facts: { node: place.node, file: place.url, line, byte },
    },
  );
