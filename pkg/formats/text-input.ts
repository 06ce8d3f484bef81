import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Fault, isFault } from "#pkg/fault";
import { decoderOf, type Charset } from "./charset.ts";
import type { CsvPlace } from "./csv-faults.ts";
import type { ReadableFile } from "./types.ts";

export interface TextOptions extends CsvPlace {
  readonly file: ReadableFile;
  /** True for a file that can only be read from its beginning, once. */
  readonly sequential: boolean;
  /** Absent: UTF-8, or UTF-16 when the file begins with its mark. */
  readonly charset?: Charset | undefined;
}

export interface TextInput extends AsyncDisposable {
  /** UTF-8. */
  readonly file: ReadableFile;
  /** True when `file` is the file itself, readable at any position. */
  readonly isPlain: boolean;
}

const PIECE_BYTES = 256 * 1024;

/** The content of a text file as UTF-8: unpacked when it is gzip (by its first bytes), decoded when it is not UTF-8. */
export async function openText(options: TextOptions): Promise<TextInput> {
  const pieces = piecesOf(options.file);
  const head = options.sequential
    ? await pieces.next()
    : { done: false, value: await headOf(options.file) };
  const first = head.done === true ? new Uint8Array(0) : head.value;
  const isPacked = first[0] === 0x1f && first[1] === 0x8b;
  if (!options.sequential && !isPacked && charsetOf(options, first) === "utf-8")
    return { file: options.file, isPlain: true, [Symbol.asyncDispose]: () => Promise.resolve() };
  const whole = options.sequential ? withFirst(first, pieces) : pieces;
  const unpacked = isPacked ? unpack(whole, options) : whole;
  const stream = decode(unpacked, options);
  return {
    file: new StreamedFile(stream),
    isPlain: false,
    [Symbol.asyncDispose]: async () => void (await stream.return()),
  };
}

async function headOf(file: ReadableFile): Promise<Uint8Array> {
  const head = new Uint8Array(4);
  return head.subarray(0, await file.read(head, 0));
}

async function* piecesOf(file: ReadableFile): AsyncGenerator<Uint8Array, void> {
  for (let position = 0; ;) {
    const piece = new Uint8Array(PIECE_BYTES);
    const read = await file.read(piece, position);
    position += read;
    if (read > 0) yield piece.subarray(0, read);
    if (read < piece.length) return;
  }
}

async function* withFirst(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  if (first.length > 0) yield first;
  yield* rest;
}

function charsetOf({ charset }: TextOptions, first: Uint8Array): Charset {
  if (charset !== undefined) return charset;
  if (first[0] === 0xff && first[1] === 0xfe) return "utf-16le";
  return first[0] === 0xfe && first[1] === 0xff ? "utf-16be" : "utf-8";
}

async function* unpack(
  pieces: AsyncGenerator<Uint8Array, void>,
  { url, node }: CsvPlace,
): AsyncGenerator<Uint8Array, void> {
  const unpacked = pipeline(Readable.from(pieces), createGunzip(), () => undefined);
  try {
    for await (const piece of unpacked) yield piece as Uint8Array;
  } catch (error) {
    if (isFault(error)) throw error;
    const isCut = error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR";
    const why = isCut ? "it ends in the middle" : "its bytes are damaged";
    throw new Fault("FILE_DAMAGED", `${url} is not readable gzip data: ${why}`, {
      cause: error,
      facts: { node, file: url },
    });
  } finally {
    unpacked.destroy();
  }
}

async function* decode(
  pieces: AsyncGenerator<Uint8Array, void>,
  options: TextOptions,
): AsyncGenerator<Uint8Array, void> {
  let isBegun = false;
  let decoder: ReturnType<typeof decoderOf>;
  for await (const piece of pieces) {
    if (!isBegun) decoder = decoderOf(charsetOf(options, piece), options);
    isBegun = true;
    yield decoder === undefined ? piece : decoder.push(piece);
  }
  decoder?.end();
}

/** A stream as a file that is read from its beginning to its end. */
class StreamedFile implements ReadableFile {
  readonly #stream: AsyncGenerator<Uint8Array, void>;
  #piece = new Uint8Array(0) as Uint8Array;
  #position = 0;

  constructor(stream: AsyncGenerator<Uint8Array, void>) {
    this.#stream = stream;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    if (position !== this.#position)
      throw new Fault(
        "INTERNAL",
        `position ${position} was asked for instead of ${this.#position}`,
      );
    let filled = 0;
    while (filled < into.length) {
      if (this.#piece.length === 0) {
        const next = await this.#stream.next();
        if (next.done === true) break;
        this.#piece = next.value;
      }
      const count = Math.min(this.#piece.length, into.length - filled);
      into.set(this.#piece.subarray(0, count), filled);
      this.#piece = this.#piece.subarray(count);
      filled += count;
    }
    this.#position += filled;
    return filled;
  }
}
