import { Fault } from "#pkg/fault";

export interface CsvRecord {
  /** Line of the text on which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Records of RFC 4180 text with commas, as `csvLine` and spreadsheets write it; blank lines are passed. */
export function parseCsv(text: string): readonly CsvRecord[] {
  const parser = new CsvParser();
  return [...parser.push(text), ...parser.end()];
}

/** As parseCsv, for a text that comes in pieces cut anywhere. Memory: one piece, or one record when that is longer. */
export class CsvParser {
  #text = "";
  #line = 1;
  #isFirst = true;

  /** The records that are complete. */
  push(piece: string): readonly CsvRecord[] {
    this.#text += piece;
    return this.#take(false);
  }

  /** What is left. */
  end(): readonly CsvRecord[] {
    return this.#take(true);
  }

  #take(isEnd: boolean): readonly CsvRecord[] {
    const text = this.#withoutMark();
    const cell = /(?:("(?:[^"]|"")*")|([^,\r\n]*))(,|\r?\n|$)/gy;
    const records: CsvRecord[] = [];
    let taken = 0;
    while (taken < text.length) {
      const found = readRecord(cell, text, isEnd);
      if (found === undefined) break;
      const { cells, lines } = found;
      if (cells.length > 1 || cells[0] !== "") records.push({ line: this.#line, cells });
      this.#line += lines;
      taken = cell.lastIndex;
    }
    if (isEnd && taken < text.length)
      throw new Fault("CORRECTION_INVALID", `line ${this.#line}: a carriage return ends no line`, {
        facts: { line: this.#line },
        hint: "Put cells with line breaks into quotes.",
      });
    this.#text = text.slice(taken);
    return records;
  }

  #withoutMark(): string {
    const text = this.#text;
    const hasMark = this.#isFirst && text.startsWith("\uFEFF");
    if (text !== "") this.#isFirst = false;
    return hasMark ? text.slice(1) : text;
  }
}

/** The record at the position of the expression; undefined when it is not complete, or when it cannot be told where it ends. */
function readRecord(
  cell: RegExp,
  text: string,
  isEnd: boolean,
): { readonly cells: readonly string[]; readonly lines: number } | undefined {
  const cells: string[] = [];
  let lines = 0;
  for (;;) {
    const found = cell.exec(text);
    if (found === null) return undefined;
    const [whole, quoted, plain = "", end] = found;
    if (!isEnd && mayGoOn(quoted, plain, end)) return undefined;
    const content = quoted ?? plain;
    cells.push(content.startsWith('"') ? content.slice(1, -1).replaceAll('""', '"') : content);
    lines += whole.split("\n").length - 1;
    if (end !== ",") return { cells, lines };
  }
}

/** Whether the next piece may belong to the cell: nothing stands behind it yet, or its closing quote is missing. */
const mayGoOn = (quoted: string | undefined, plain: string, end: string | undefined): boolean =>
  end === "" || (quoted === undefined && plain.startsWith('"'));
