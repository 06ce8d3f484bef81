import type { Files } from "#pkg/transfer";
import { Fault } from "#pkg/fault";
import { csvDraft, exactFormat } from "./csv-draft.ts";
import type { Draft } from "./draft.ts";
import { guessType, MANY_LAYOUTS, type Guess, type GuessRules } from "./guess-type.ts";
import { parquetDraft } from "./parquet-draft.ts";
import { isParquet, readSample, sampleText } from "./read-sample.ts";
import { sampleRecords } from "./sample-records.ts";

/** One thing that was found out about a file, and how sure it is. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly confidence: "certain" | "likely" | "doubtful";
  readonly why: string;
}

export interface GuessedDraft {
  readonly draft: Draft;
  readonly findings: readonly Finding[];
  /** Layout for writing each column again, "" when it is no datetime. */
  readonly layouts: readonly string[];
}

const RULES: GuessRules = { layouts: MANY_LAYOUTS, keepZeros: true };
const SEPARATORS = [",", ";", "\t", "|"];
const SAMPLED = 1000;

/** Everything about a file is found out by looking at its first megabyte. */
export async function guessedDraft(files: Files, url: string): Promise<GuessedDraft> {
  const bytes = await readSample(files, url);
  if (isParquet(bytes)) return parquetGuess(await parquetDraft(files, url));
  const { text, encoding, isWhole } = sampleText(bytes, url);
  if (encoding !== "utf-8")
    throw new Fault("ENCODING_INVALID", `${url} is not UTF-8 but seems to be ${encoding}`, {
      facts: { url, encoding },
      hint: `Convert it first: iconv -f ${encoding} -t utf-8.`,
    });
  const separated = chooseSeparator(text, isWhole);
  const header = findHeader(separated.records);
  const sample = {
    url,
    records: separated.records,
    separator: separated.separator,
    headerIndex: header.isThere ? 0 : -1,
    firstDataIndex: header.isThere ? 1 : 0,
  };
  const { draft, guesses, rows } = csvDraft(sample, RULES, exactFormat);
  const findings: Finding[] = [
    { what: "encoding", found: "UTF-8", confidence: "certain", why: "every byte fits" },
    separated.finding,
    header.finding,
    ...guesses.map((guess, at) => typeFinding(draft.columns[at]?.field ?? "", guess, rows)),
  ];
  return { draft, findings, layouts: guesses.map(({ layout }) => layout) };
}

function parquetGuess(draft: Draft): GuessedDraft {
  const findings = draft.columns.map(({ field, type }): Finding => ({
    what: field,
    found: type,
    confidence: "certain",
    why: "schema of the file",
  }));
  return { draft, findings, layouts: draft.columns.map(() => "") };
}

interface Separated {
  readonly separator: string;
  readonly records: readonly (readonly string[])[];
  readonly finding: Finding;
}

const NAMES: Readonly<Record<string, string>> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
};

/** The separator that gives every record the same number of cells, and the most of them. */
function chooseSeparator(text: string, isWhole: boolean): Separated {
  const tried = SEPARATORS.map((separator) => {
    const all = sampleRecords(text, separator, SAMPLED + 1);
    const records = isWhole || all.length > SAMPLED ? all.slice(0, SAMPLED) : all.slice(0, -1);
    const width = records[0]?.length ?? 0;
    const odd = records.findIndex((record) => record.length !== width);
    return { separator, records, width, odd };
  });
  const even = tried.filter(({ odd, width }) => odd < 0 && width > 1);
  const [best] = [...(even.length > 0 ? even : tried)].toSorted((a, b) => b.width - a.width);
  const { separator, records, width, odd } = best as (typeof tried)[number];
  const why =
    odd < 0
      ? `${width} cells in each of ${records.length} records`
      : `record ${odd} has ${records[odd]?.length} cells, the first one ${width}: it cannot be read so`;
  const sure = even.length === 1 ? "certain" : "likely";
  const confidence = odd >= 0 || width < 2 ? "doubtful" : sure;
  const found = NAMES[separator] as string;
  return { separator, records, finding: { what: "separator", found, confidence, why } };
}

interface Header {
  readonly isThere: boolean;
  readonly finding: Finding;
}

/** A first record of different texts that are no numbers or dates is a header. */
function findHeader([first = [], ...others]: readonly (readonly string[])[]): Header {
  const isNamed = first.every((cell) => cell.trim() !== "") && new Set(first).size === first.length;
  const isText = first.every((cell) => guessType([cell], RULES).type === "string");
  if (!isNamed || !isText || first.length === 0) {
    const why = isNamed
      ? "the first record holds values"
      : "the first record has empty or equal cells";
    return {
      isThere: false,
      finding: { what: "header", found: "none", confidence: "likely", why },
    };
  }
  const hasValues = first.some(
    (_, at) =>
      guessType(
        others.map((record) => record[at] ?? ""),
        RULES,
      ).type !== "string",
  );
  const confidence = hasValues ? "certain" : "likely";
  const why = hasValues ? "names above values" : "all columns are texts";
  return { isThere: true, finding: { what: "header", found: "first record", confidence, why } };
}

const FEW = 20;

function typeFinding(what: string, guess: Guess, rows: number): Finding {
  const { type, layout, filled, doubt } = guess;
  const found = layout === "" ? type : `${type} ${layout}`;
  const empty = rows - filled;
  const counted = `${filled} cells${empty > 0 ? `, ${empty} empty` : ""}`;
  const isSure = filled >= FEW || filled === rows;
  const confidence = doubt === "" ? (isSure ? "certain" : "likely") : "doubtful";
  return { what, found, confidence, why: doubt === "" ? counted : `${counted}; ${doubt}` };
}
