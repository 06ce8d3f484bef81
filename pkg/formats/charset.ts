import { Fault } from "#pkg/fault";
import type { CsvPlace } from "./csv-faults.ts";

/** How the texts of a file are kept. */
export type Charset = "utf-8" | "utf-16le" | "utf-16be" | "latin1";

/** Turns pieces of a text into another encoding; what a piece cuts in two is kept for the next one. */
export interface Transcoder {
  push(bytes: Uint8Array): Uint8Array;
  /** Throws when the text ends inside a character. */
  end(): void;
}

const invalid = (place: CsvPlace, byte: number, why: string): Fault =>
  new Fault("ENCODING_INVALID", `${place.url}: byte ${byte} of the text ${why}`, {
    facts: { node: place.node, file: place.url, byte },
    hint: "Name the encoding of the file: utf-8, utf-16le, utf-16be or latin1.",
  });

/** ISO 8859-1: every byte is the character of its number. */
const fromLatin1: Transcoder = {
  push: (bytes) => {
    const target = new Uint8Array(bytes.length * 2);
    let at = 0;
    for (const byte of bytes) at = putCharacter(target, at, byte);
    return target.subarray(0, at);
  },
  end: () => undefined,
};

function putCharacter(target: Uint8Array, at: number, code: number): number {
  if (code < 0x80) {
    target[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    target[at] = 0xc0 | (code >> 6);
    target[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  const wide = code >= 0x10000;
  let next = at;
  if (wide) target[next++] = 0xf0 | (code >> 18);
  target[next++] = wide ? 0x80 | ((code >> 12) & 0x3f) : 0xe0 | (code >> 12);
  target[next++] = 0x80 | ((code >> 6) & 0x3f);
  target[next++] = 0x80 | (code & 0x3f);
  return next;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

class FromUtf16 implements Transcoder {
  readonly #place: CsvPlace;
  readonly #isLittle: boolean;
  #rest = new Uint8Array(0);
  /** Bytes of the text before #rest. */
  #position = 0;
  #isBegun = false;

  constructor(place: CsvPlace, isLittle: boolean) {
    this.#place = place;
    this.#isLittle = isLittle;
  }

  push(piece: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(this.#rest.length + piece.length);
    bytes.set(this.#rest);
    bytes.set(piece, this.#rest.length);
    const view = new DataView(bytes.buffer);
    const target = new Uint8Array((bytes.length / 2 + 1) * 3);
    let [from, at] = [0, 0];
    while (from + 2 <= bytes.length) {
      const unit = view.getUint16(from, this.#isLittle);
      if (isHigh(unit) && from + 4 > bytes.length) break;
      const code = isHigh(unit) || isLow(unit) ? this.#pair(view, from) : unit;
      // A mark at the beginning says how to read the text and is no part of it.
      if (this.#isBegun || code !== 0xfeff) at = putCharacter(target, at, code);
      this.#isBegun = true;
      from += code >= 0x10000 ? 4 : 2;
    }
    this.#rest = bytes.slice(from);
    this.#position += from;
    return target.subarray(0, at);
  }

  #pair(view: DataView, from: number): number {
    const high = view.getUint16(from, this.#isLittle);
    const low = isHigh(high) ? view.getUint16(from + 2, this.#isLittle) : 0;
    if (!isLow(low))
      throw invalid(this.#place, this.#position + from + 1, "is half of a UTF-16 pair");
    return 0x10000 + ((high - 0xd800) << 10) + low - 0xdc00;
  }

  end(): void {
    if (this.#rest.length > 0)
      throw invalid(
        this.#place,
        this.#position + 1,
        "is the last of an unfinished UTF-16 character",
      );
  }
}

/** To UTF-8; undefined for what is UTF-8. */
export function decoderOf(charset: Charset, place: CsvPlace): Transcoder | undefined {
  if (charset === "utf-8") return undefined;
  return charset === "latin1" ? fromLatin1 : new FromUtf16(place, charset === "utf-16le");
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text in UTF-8 that ends with a whole character, in another encoding. */
export function encodeText(bytes: Uint8Array, charset: Charset, place: CsvPlace): Uint8Array {
  if (charset === "utf-8") return bytes;
  const text = utf8.decode(bytes);
  const target = Buffer.from(text, charset === "latin1" ? "latin1" : "utf16le");
  if (charset === "utf-16be") target.swap16();
  if (charset !== "latin1") return target;
  const wide = /[\u0100-\u{10ffff}]/u.exec(text);
  if (wide === null) return target;
  throw new Fault("ENCODING_INVALID", `${place.url}: "${wide[0]}" cannot be written in latin1`, {
    facts: { node: place.node, file: place.url, character: wide[0] },
    hint: "Write the file in utf-8 or utf-16le, or replace the character in an expression.",
  });
}
