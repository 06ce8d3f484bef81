import { Fault } from "#pkg/fault";
import { memoryFile, readNdjson } from "#pkg/formats";
import { valueAt, type Vector } from "#pkg/rowset";
import { exactFormat } from "./csv-draft.ts";
import type { Draft, DraftColumn } from "./draft.ts";
import { guessType, type Guess, type GuessRules } from "./guess-type.ts";
import { fieldNames } from "./names.ts";

const SAMPLED = 1000;

/** Lines that hold something; the last one may be cut off. */
function linesOf(text: string, isWhole: boolean): readonly string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return (isWhole || lines.length > SAMPLED ? lines : lines.slice(0, -1)).slice(0, SAMPLED);
}

function objectOf(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** One JSON object a line: the first line decides. */
export function isNdjson(text: string, isWhole: boolean): boolean {
  const [first] = linesOf(text.replace(/^\ufeff/, ""), isWhole);
  return first !== undefined && objectOf(first) !== undefined;
}

export interface NdjsonDraft {
  readonly draft: Draft;
  /** One for each column. */
  readonly guesses: readonly Guess[];
  /** Lines that were looked at. */
  readonly rows: number;
}

/** What a file of JSON objects seems to hold: every member of any line, in the order in which they come. */
export async function ndjsonDraft(
  { url, text, isWhole }: { url: string; text: string; isWhole: boolean },
  rules: GuessRules,
): Promise<NdjsonDraft> {
  const lines = linesOf(text.replace(/^\ufeff/, ""), isWhole);
  const headers = [...new Set(lines.flatMap((line, at) => membersOf(line, url, at)))];
  if (headers.length === 0)
    throw new Fault("RECORD_INVALID", `${url}: no line has a member`, { facts: { url } });
  const cells = await textsOf(url, lines, headers);
  const guesses = cells.map((texts) => guessType(texts, rules));
  const names = fieldNames(headers);
  const columns = headers.map((header, at): DraftColumn => {
    const field = names[at] as string;
    const guess = guesses[at] as Guess;
    const readFormat = exactFormat(guess);
    return { column: `col_${field}`, field, header, type: guess.type, readFormat };
  });
  const records = { separator: "", headerIndex: -1, firstDataIndex: 0 };
  return { draft: { url, format: "ndjson", ...records, columns }, guesses, rows: lines.length };
}

/** Members without a name cannot be read. */
function membersOf(line: string, url: string, at: number): readonly string[] {
  const found = objectOf(line);
  if (found === undefined)
    throw new Fault("RECORD_INVALID", `${url}: object ${at + 1} cannot be read as JSON`, {
      facts: { url, object: at + 1 },
    });
  return Object.keys(found).filter((name) => name !== "");
}

/** Cells of each member as the reader sees them. */
async function textsOf(
  url: string,
  lines: readonly string[],
  headers: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const columns = headers.map((header, index) => ({
    name: String(index),
    header,
    index,
    type: "string" as const,
    format: "",
    defaultText: "",
  }));
  const texts: string[][] = headers.map(() => []);
  const file = memoryFile(lines.join("\n"));
  for await (const block of readNdjson({ url, node: "", file, reader: { columns } }))
    for (const [at, { name }] of columns.entries())
      for (let row = 0; row < block.rows; row += 1)
        texts[at]?.push(valueAt(block.columns.get(name) as Vector, row) as string);
  return texts;
}
