import { Fault } from "#pkg/fault";
import type { Files } from "#pkg/transfer";

/** The beginning of a file as text. */
export interface SampleText {
  readonly text: string;
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be" | "latin1";
  /** The whole file is in the text; otherwise its last record may be cut off. */
  readonly isWhole: boolean;
}

const SAMPLE_BYTES = 2 ** 20;
const MARKS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
] as const;
const PARQUET = [0x50, 0x41, 0x52, 0x31];

const startsWith = (bytes: Uint8Array, wanted: readonly number[]): boolean =>
  wanted.every((byte, at) => bytes[at] === byte);

/** First bytes of a file, at most a megabyte. */
export async function readSample(files: Files, url: string): Promise<Uint8Array> {
  await using file = await files.open(url);
  const bytes = new Uint8Array(Math.min(SAMPLE_BYTES, Math.max(file.facts.size, 1)));
  return bytes.subarray(0, await file.read(bytes, 0));
}

export const isParquet = (bytes: Uint8Array): boolean => startsWith(bytes, PARQUET);

/** Text by its byte order mark, else UTF-8, else Latin-1, which every text is. */
export function sampleText(bytes: Uint8Array, url: string): SampleText {
  const isWhole = bytes.length < SAMPLE_BYTES;
  const mark = MARKS.find((each) => startsWith(bytes, each.bytes));
  if (mark !== undefined)
    return { text: new TextDecoder(mark.encoding).decode(bytes), encoding: mark.encoding, isWhole };
  if (bytes.includes(0))
    throw new Fault("ENCODING_INVALID", `${url} is no text: it holds a zero byte`, {
      facts: { url },
      hint: "Name a CSV, TSV or Parquet file.",
    });
  const isUtf8 = fitsUtf8(bytes, isWhole);
  const encoding = isUtf8 ? "utf-8" : "latin1";
  return { text: new TextDecoder(encoding).decode(bytes), encoding, isWhole };
}

/** A character cut off by the end of the sample is no fault. */
function fitsUtf8(bytes: Uint8Array, isWhole: boolean): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !isWhole });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
