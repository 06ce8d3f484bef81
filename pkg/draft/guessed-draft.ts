import { counted } from "#pkg/fault";
import { shownUrl, type Files } from "#pkg/transfer";
import { csvDraft, exactFormat } from "./csv-draft.ts";
import type { Draft } from "./draft.ts";
import type { Finding, GuessedDraft } from "./finding.ts";
import { guessType, MANY_LAYOUTS, type Guess, type GuessRules } from "./guess-type.ts";
import { isNdjson, ndjsonDraft } from "./ndjson-draft.ts";
import { parquetDraft, type ParquetDraft } from "./parquet-draft.ts";
import {
  isParquet,
  readSample,
  sampleText,
  type Encoding,
  type SampleText,
} from "./read-sample.ts";
import { isReference } from "./names.ts";
import { sampleRecords } from "./sample-records.ts";
import { usableColumns } from "./usable-columns.ts";

const RULES: GuessRules = { layouts: MANY_LAYOUTS, keepSigns: true };
const SEPARATORS = [",", ";", "\t", "|"];
const SAMPLED = 1000;

/** Everything about a file is found out by looking at its first megabyte. The draft names the file as messages do. */
export async function guessedDraft(files: Files, url: string): Promise<GuessedDraft> {
  const { bytes, isPacked } = await readSample(files, url);
  if (isParquet(bytes)) return usableColumns(parquetGuess(await parquetDraft(files, url)));
  const shown = shownUrl(url);
  const sample = sampleText(bytes, shown);
  const text = usableColumns(
    isNdjson(sample.text, sample.isWhole)
      ? await ndjsonGuess(shown, sample)
      : csvGuess(shown, sample),
  );
  const findings = [...fileFindings(sample, isPacked), ...text.findings];
  const { encoding } = sample;
  return encoding === "utf-8"
    ? { ...text, findings }
    : { ...text, findings, draft: { ...text.draft, encoding } };
}

const ENCODINGS: Readonly<Record<Encoding, string>> = {
  "utf-8": "UTF-8",
  "utf-16le": "UTF-16, low byte first",
  "utf-16be": "UTF-16, high byte first",
  latin1: "Latin-1",
};

function fileFindings({ encoding, why }: SampleText, isPacked: boolean): readonly Finding[] {
  const confidence = encoding === "latin1" ? "doubtful" : "certain";
  const told: Finding = { what: "encoding", found: ENCODINGS[encoding], confidence, why };
  if (!isPacked) return [told];
  return [{ what: "packing", found: "gzip", confidence: "certain", why: "first bytes" }, told];
}

function csvGuess(url: string, { text, isWhole }: SampleText): GuessedDraft {
  const separated = chooseSeparator(text, isWhole);
  const header = findHeader(separated.records);
  const sample = {
    url,
    records: separated.records,
    separator: separated.separator,
    headerIndex: header.kind === "named" ? 0 : -1,
    firstDataIndex: header.kind === "none" ? 0 : 1,
    ...(header.kind === "unusable" ? { names: separated.records[0] ?? [] } : {}),
  };
  const { draft, guesses, rows } = csvDraft(sample, RULES, exactFormat);
  const findings = [separated.finding, header.finding, ...typeFindings(draft, guesses, rows)];
  return { draft, findings, layouts: guesses.map(({ layout }) => layout) };
}

async function ndjsonGuess(url: string, { text, isWhole }: SampleText): Promise<GuessedDraft> {
  const { draft, guesses, rows } = await ndjsonDraft({ url, text, isWhole }, RULES);
  const why = `${rows} lines`;
  const format: Finding = { what: "format", found: "JSON objects", confidence: "certain", why };
  const findings = [format, ...typeFindings(draft, guesses, rows)];
  return { draft, findings, layouts: guesses.map(({ layout }) => layout) };
}

function parquetGuess({ draft, leftOut, rounded }: ParquetDraft): GuessedDraft {
  const told = draft.columns.map(({ field, type }, at): Finding => {
    const lost = rounded[at] ?? 0;
    return lost === 0
      ? { what: field, found: type, confidence: "certain", why: "schema of the file" }
      : {
          what: field,
          found: type,
          confidence: "doubtful",
          why: `${lost} decimals are rounded away`,
        };
  });
  const found = leftOut.join(", ");
  const why = "nested, or of types that no field can hold";
  const missing: Finding = { what: "left out", found, confidence: "certain", why };
  const findings = leftOut.length === 0 ? told : [missing, ...told];
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
      ? `${counted(width, "cell")} in each of ${counted(records.length, "record")}`
      : `record ${odd} has ${counted(records[odd]?.length ?? 0, "cell")}, the first one ${width}: it cannot be read so`;
  const sure = even.length === 1 ? "certain" : "likely";
  const confidence = odd >= 0 || width < 2 ? "doubtful" : sure;
  const found = NAMES[separator] as string;
  return { separator, records, finding: { what: "separator", found, confidence, why } };
}

interface Header {
  /** Unusable: names that differ too little, or that a script cannot hold, so that columns are found by position. */
  readonly kind: "named" | "unusable" | "none";
  readonly finding: Finding;
}

/** A first record of texts that are no numbers or dates is a header, unless nothing but texts is below and some are empty or equal. */
function findHeader([first = [], ...others]: readonly (readonly string[])[]): Header {
  const names = first.filter((cell) => cell.trim() !== "");
  const isNamed = names.length === first.length && new Set(first).size === first.length;
  const isText = first.every((cell) => guessType([cell], RULES).type === "string");
  const hasValues = first.some(
    (_, at) =>
      guessType(
        others.map((record) => record[at] ?? ""),
        RULES,
      ).type !== "string",
  );
  const told = (kind: Header["kind"], found: string, isSure: boolean, why: string): Header => ({
    kind,
    finding: { what: "header", found, confidence: isSure ? "certain" : "likely", why },
  });
  if (!isText) return told("none", "none", false, "the first record holds values");
  const why = hasValues ? "names above values" : "all columns are texts";
  if (isNamed && !first.some(isReference)) return told("named", "first record", hasValues, why);
  if (names.length === 0 || (!isNamed && !hasValues))
    return told("none", "none", false, "the first record has empty or equal cells");
  const fault = isNamed ? "one like {this}, a parameter" : "some empty or equal";
  return told("unusable", "first record", hasValues, `${why}, ${fault}: columns by position`);
}

const FEW = 20;

const typeFindings = (draft: Draft, guesses: readonly Guess[], rows: number): readonly Finding[] =>
  guesses.map((guess, at) => typeFinding(draft.columns[at]?.field ?? "", guess, rows));

function typeFinding(what: string, guess: Guess, rows: number): Finding {
  const { type, layout, filled, doubt } = guess;
  const found = layout === "" ? type : `${type} ${layout}`;
  const empty = rows - filled;
  const cells = `${counted(filled, "cell")}${empty > 0 ? `, ${empty} empty` : ""}`;
  const isSure = filled >= FEW || filled === rows;
  const confidence = doubt === "" ? (isSure ? "certain" : "likely") : "doubtful";
  return { what, found, confidence, why: doubt === "" ? cells : `${cells}; ${doubt}` };
}
