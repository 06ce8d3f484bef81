import { LF, PADDING } from "./bytes.ts";
import type { Window } from "./cell.ts";
import type { ReadableFile } from "./types.ts";

export interface SourceOptions {
  readonly file: ReadableFile;
  /** First byte and the byte behind the last one; the end of the file when absent. */
  readonly from: number;
  readonly to?: number;
  readonly blockBytes: number;
}

/** A window that slides over a file. Its memory is one block, more only while a single record is longer. */
export class ByteSource implements Window {
  bytes: Uint8Array;
  start = 0;
  end = 0;
  final = false;
  readonly #file: ReadableFile;
  readonly #to: number;
  #position: number;

  constructor({ file, from, to, blockBytes }: SourceOptions) {
    this.#file = file;
    this.#position = from;
    this.#to = to ?? Number.POSITIVE_INFINITY;
    this.bytes = new Uint8Array(Math.min(blockBytes, this.#to - from) + PADDING);
  }

  /** Position in the file of a byte of the window. */
  positionOf(at: number): number {
    return this.#position - this.end + at;
  }

  /** Drops what has been consumed and adds more bytes behind the rest; at least one unless the window becomes final. */
  async fill(): Promise<void> {
    const rest = this.end - this.start;
    this.#makeRoom(rest);
    this.start = 0;
    this.end = rest;
    const room = this.bytes.length - PADDING - rest;
    const wanted = Math.min(room, this.#to - this.#position);
    const read =
      wanted > 0
        ? await this.#file.read(this.bytes.subarray(rest, rest + wanted), this.#position)
        : 0;
    this.#position += read;
    this.end += read;
    this.final = read < wanted || this.#position >= this.#to;
    this.bytes[this.end] = LF;
  }

  #makeRoom(rest: number): void {
    const capacity = this.bytes.length - PADDING;
    if (rest * 2 <= capacity && capacity > rest) {
      this.bytes.copyWithin(0, this.start, this.end);
      return;
    }
    const larger = new Uint8Array(Math.max(2 * capacity, rest + 16) + PADDING);
    larger.set(this.bytes.subarray(this.start, this.end));
    this.bytes = larger;
  }
}
