import { Fault } from "#pkg/fault";
import type { Files } from "#pkg/transfer";
import { csvDraft, referenceFormat } from "./csv-draft.ts";
import type { Draft } from "./draft.ts";
import { REFERENCE_LAYOUTS } from "./guess-type.ts";
import { parquetDraft } from "./parquet-draft.ts";
import { readSample, sampleText } from "./read-sample.ts";
import { sampleRecords } from "./sample-records.ts";

export interface ReferenceRequest {
  readonly url: string;
  readonly type: "csv" | "parquet";
  /** -1 for none. */
  readonly headerIndex: number;
  readonly firstDataIndex: number;
  readonly separator: string;
}

const SAMPLED = 100;

/** The draft of proto_file_reader_creator (spec/script.md 13): the caller says how the file is laid out. */
export async function referenceDraft(files: Files, request: ReferenceRequest): Promise<Draft> {
  const { url, separator, headerIndex, firstDataIndex } = request;
  if (request.type === "parquet") return (await parquetDraft(files, url)).draft;
  if (headerIndex >= firstDataIndex)
    throw new Fault(
      "USAGE",
      `the header, record ${headerIndex}, must stand before the data, record ${firstDataIndex}`,
    );
  const { text, encoding, isWhole } = sampleText((await readSample(files, url)).bytes, url);
  if (encoding !== "utf-8")
    throw new Fault("ENCODING_INVALID", `${url} is not UTF-8 but ${encoding}`, {
      facts: { url },
      hint: "Save it as UTF-8, or use `init from`, which reads other encodings.",
    });
  const wanted = firstDataIndex + SAMPLED;
  const found = sampleRecords(text, separator, wanted + 1);
  // The last one may be cut off.
  const records = isWhole || found.length > wanted ? found.slice(0, wanted) : found.slice(0, -1);
  const rules = { layouts: REFERENCE_LAYOUTS, keepSigns: false };
  return csvDraft({ url, records, separator, headerIndex, firstDataIndex }, rules, referenceFormat)
    .draft;
}
