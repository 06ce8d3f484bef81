import { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";
import { Fault } from "#pkg/fault";
import { shownUrl, type Files } from "#pkg/transfer";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** The beginning of a file as text. */
export interface SampleText {
  readonly text: string;
  readonly encoding: Encoding;
  /** How the encoding was told. */
  readonly why: string;
  /** The whole file is in the text; otherwise its last record may be cut off. */
  readonly isWhole: boolean;
}

const SAMPLE_BYTES = 2 ** 20;
const MARKS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
] as const;
const GZIP = [0x1f, 0x8b];
const PARQUET = [0x50, 0x41, 0x52, 0x31];

const startsWith = (bytes: Uint8Array, wanted: readonly number[]): boolean =>
  wanted.every((byte, at) => bytes[at] === byte);

export interface Sample {
  /** Of the content, unpacked when the file is gzip. */
  readonly bytes: Uint8Array;
  readonly isPacked: boolean;
}

/** The beginning of a file, at most a megabyte. */
export async function readSample(files: Files, url: string): Promise<Sample> {
  await using file = await files.open(url);
  // A source that does not tell its size may have any.
  const { size } = file.facts;
  const bytes = new Uint8Array(size < 0 ? SAMPLE_BYTES : Math.min(SAMPLE_BYTES, size));
  const head = bytes.subarray(0, await file.read(bytes, 0));
  if (!startsWith(head, GZIP)) return { bytes: head, isPacked: false };
  return { bytes: await unpacked(head, shownUrl(url)), isPacked: true };
}

/** The packed bytes may end anywhere; nothing is unpacked beyond a megabyte. */
async function unpacked(head: Uint8Array, url: string): Promise<Uint8Array> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of Readable.from([head]).pipe(gunzip)) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length >= SAMPLE_BYTES) break;
    }
  } catch (error) {
    throw new Fault("FILE_DAMAGED", `${url} begins as gzip but cannot be unpacked`, {
      facts: { url },
      cause: error,
    });
  }
  return Buffer.concat(pieces).subarray(0, SAMPLE_BYTES);
}

export const isParquet = (bytes: Uint8Array): boolean => startsWith(bytes, PARQUET);

/** Text by its byte order mark, else UTF-16 by its zero bytes, else UTF-8, else Latin-1, which every text is. */
export function sampleText(bytes: Uint8Array, url: string): SampleText {
  const isWhole = bytes.length < SAMPLE_BYTES;
  const { encoding, why } = encodingOf(bytes, isWhole, url);
  if (isWhole && encoding.startsWith("utf-16") && bytes.length % 2 === 1)
    throw new Fault("ENCODING_INVALID", `${url} ends in the middle of a UTF-16 character`, {
      facts: { url },
    });
  return { text: new TextDecoder(encoding).decode(bytes), encoding, why, isWhole };
}

function encodingOf(
  bytes: Uint8Array,
  isWhole: boolean,
  url: string,
): Pick<SampleText, "encoding" | "why"> {
  const mark = MARKS.find((each) => startsWith(bytes, each.bytes));
  if (mark !== undefined) return { encoding: mark.encoding, why: "byte order mark" };
  if (bytes.includes(0)) return { encoding: wideEncoding(bytes, url), why: ZEROS };
  if (fitsUtf8(bytes, isWhole)) return { encoding: "utf-8", why: "every byte fits" };
  return { encoding: "latin1", why: "bytes that are no UTF-8; other one-byte encodings differ" };
}

const ZEROS = "every second byte of most characters is zero";

/** UTF-16 without a mark has zeros in one half of its bytes, and hardly any in the other. */
function wideEncoding(bytes: Uint8Array, url: string): Encoding {
  const zeros = [0, 0];
  for (const [at, byte] of bytes.entries())
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = bytes.length / 4;
  if (odd > many && even < many / 10) return "utf-16le";
  if (even > many && odd < many / 10) return "utf-16be";
  throw new Fault("ENCODING_INVALID", `${url} is no text: it holds a zero byte`, {
    facts: { url },
    hint: "Name a CSV, TSV, NDJSON or Parquet file.",
  });
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
