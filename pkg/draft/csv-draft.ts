import { Fault } from "#pkg/fault";
import type { FieldType } from "#pkg/value";
import type { Draft, DraftColumn } from "./draft.ts";
import { guessType, type Guess, type GuessRules } from "./guess-type.ts";
import { fieldNames, isReference } from "./names.ts";

export interface CsvSample {
  readonly url: string;
  readonly records: readonly (readonly string[])[];
  readonly separator: string;
  readonly headerIndex: number;
  readonly firstDataIndex: number;
  /** What to call the columns where they are found by position; by default their numbers. */
  readonly names?: readonly string[];
}

export interface CsvDraft {
  readonly draft: Draft;
  /** One for each column. */
  readonly guesses: readonly Guess[];
  /** Records that were looked at. */
  readonly rows: number;
}

/** What a CSV file seems to hold. `formatOf` gives col_format. */
export function csvDraft(
  sample: CsvSample,
  rules: GuessRules,
  formatOf: (guess: Guess) => string,
): CsvDraft {
  const { url, records, separator, headerIndex, firstDataIndex } = sample;
  const header = headerIndex < 0 ? undefined : records[headerIndex];
  const data = records.slice(firstDataIndex);
  const names = header ?? sample.names;
  const width = (names ?? data[0])?.length ?? 0;
  if (records.length === 0)
    throw new Fault("RECORD_INVALID", `${url} is empty`, {
      facts: { url },
      hint: "Name a file with at least a header or one record.",
    });
  if (width === 0)
    throw new Fault(
      "RECORD_INVALID",
      `${url} has no record ${Math.max(headerIndex, firstDataIndex)}`,
      {
        facts: { url, records: records.length },
        hint: "Name the records of the header and of the first data line; they count from 0, blank lines excluded.",
      },
    );
  checkHeader(url, header);
  const numbers = Array.from({ length: width }, (_, at) => String(at).padStart(3, "0"));
  const fields = fieldNames(names ?? numbers);
  const guesses = numbers.map((_, at) =>
    guessType(
      data.map((record) => record[at] ?? ""),
      rules,
    ),
  );
  const columns = fields.map((field, at): DraftColumn => {
    const guess = guesses[at] as Guess;
    return {
      column: names === undefined ? `col_${numbers[at]}` : `col_${field}`,
      field,
      header: header?.[at] ?? "",
      type: guess.type,
      readFormat: formatOf(guess),
    };
  });
  const draft = { url, format: "csv", separator, headerIndex, firstDataIndex, columns } as const;
  return { draft, guesses, rows: data.length };
}

/** Columns are found by their headers, so every one needs its own, and one that a script can hold. */
function checkHeader(url: string, header: readonly string[] = []): void {
  const faulty = header.find(
    (cell, at) => cell === "" || header.indexOf(cell) !== at || isReference(cell),
  );
  if (faulty === undefined) return;
  const shown = faulty === "" ? "an empty header" : `the header ${JSON.stringify(faulty)}`;
  const why = isReference(faulty) ? ", which scripts take for a parameter" : " twice";
  throw new Fault("HEADER_INVALID", `${url} has ${shown}${faulty === "" ? "" : why}`, {
    facts: { url, headers: header },
    hint: "Read it without a header: the columns are then found by their position.",
  });
}

const NUMBER_FORMATS: Partial<Record<FieldType, string>> = {
  int: "%d",
  float: "%f",
  decimal2: "%f",
};

/** The formats of the reference: numbers always have one. */
export const referenceFormat = ({ type, layout }: Guess): string =>
  type === "datetime" ? layout : (NUMBER_FORMATS[type] ?? "");

/** Formats only where a plain number would not do: without one, decimals and 64-bit integers are read exactly. */
export const exactFormat = (guess: Guess): string =>
  guess.type === "datetime" || guess.isPadded ? referenceFormat(guess) : "";
