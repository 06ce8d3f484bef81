import { COMMA, CR, LF, QUOTE } from "./bytes.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { CsvWriter } from "./types.ts";

const encoder = new TextEncoder();

/** When values are quoted and how, for one writer. */
export class Quoting {
  /** Bytes between values. */
  readonly separator: Uint8Array;
  readonly #rfc: boolean;
  /** 1 for bytes that make a value quoted; of a separator of several bytes only the first is marked, with 2. */
  readonly #marks = new Uint8Array(256);

  constructor({ separator, dialect }: Pick<CsvWriter, "separator" | "dialect">) {
    this.separator = encoder.encode(separator);
    this.#rfc = dialect === "rfc4180";
    this.#marks[COMMA] = 1;
    if (!this.#rfc) return;
    for (const byte of [QUOTE, CR, LF]) this.#marks[byte] = 1;
    const first = this.separator[0];
    if (first !== undefined && this.#marks[first] === 0)
      this.#marks[first] = this.separator.length === 1 ? 1 : 2;
  }

  /** False: texts of these characters alone are never quoted. */
  mayQuote(characters: string): boolean {
    return encoder.encode(characters).some((byte) => this.#marks[byte] !== 0);
  }

  needsQuotes(source: Uint8Array, from: number, to: number): boolean {
    const marks = this.#marks;
    for (let i = from; i < to; i++) {
      const mark = marks[source[i] as number] as number;
      if (mark !== 0 && (mark === 1 || this.#separatorAt(source, i, to))) return true;
    }
    return false;
  }

  #separatorAt(source: Uint8Array, at: number, to: number): boolean {
    const { separator } = this;
    return at + separator.length <= to && separator.every((byte, i) => source[at + i] === byte);
  }

  write(out: ByteSink, source: Uint8Array, from: number, to: number): void {
    if (!this.needsQuotes(source, from, to)) {
      out.copy(source, from, to);
      return;
    }
    out.need(2 * (to - from) + 2);
    const { bytes } = out;
    let at = out.at;
    bytes[at++] = QUOTE;
    for (let i = from; i < to; i++) {
      const byte = source[i] as number;
      if (byte === QUOTE && this.#rfc) bytes[at++] = QUOTE;
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    out.at = at;
  }

  writeText(out: ByteSink, text: string): void {
    const bytes = encoder.encode(text);
    this.write(out, bytes, 0, bytes.length);
  }
}
